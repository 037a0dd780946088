"""Functions that look at a method resolution order and are handed objects of which nothing is known.

What a class's own methods hand on is followed with the class (``observe/mro_readers.py``). ``collect(runner.model)`` in
a hook hands on something that may be an instance of any class: then no chain is flattened.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.linearize.flatten_context import dotted
from introspect_export.model import Diagnostic, Look, NameUse, Part, PartKind, SourceModule, Symbol, World
from introspect_export.model.liveset import Defined, Library, LiveSet
from introspect_export.read.bindings import FUNCTION_STATEMENTS, FunctionStatement, local_names, rebinds

_INSTANCES_TO = frozenset(
    {
        # https://docs.python.org/3/library/copyreg.html#copyreg.pickle: the function is called with instances of the
        # class. ForkingPickler has a table of the same kind: https://docs.python.org/3/library/pickle.html#dispatch-tables
        ('copyreg', 'pickle'),
        ('multiprocessing.reduction', 'ForkingPickler', 'register'),
        ('multiprocessing.reduction', 'register'),
    }
)
"""Functions that are given a class and a function, which will get instances of the class."""


def watched(live: LiveSet, world: World) -> tuple[str, Look] | None:
    """Return a place that hands something unknown to a function that looks, with the look; None where there is none."""
    lookers = dict(_lookers(live, world))
    for name in live.modules if lookers else ():
        module = live.modules[name]
        for part in module.parts:
            for use in part.uses:
                resolution = live.resolutions.get((name, use.span.start))
                target = resolution.target if resolution is not None else None
                if not isinstance(target, Defined) or target.symbol not in lookers or use.annotation:
                    continue
                harmless = _only_instances(live, module, part, use) and not world.looks(target.symbol, instances=True)
                if use.context == 'load' and not harmless and not _is_followed(module, part, use):
                    return str(module.place(use.span.start)), lookers[target.symbol]
    return None


def watched_diagnostics(place: str, look: Look, kept: Iterator[Symbol]) -> Iterator[Diagnostic]:
    """Say for each class why its chain is left standing."""
    for symbol in kept:
        message = f'any object may be handed to what shows which class has what ({look.text} at {look.place})'
        yield Diagnostic('IE-LIN-INTROSPECTION', str(symbol), message, place)


def _lookers(live: LiveSet, world: World) -> Iterator[tuple[Symbol, Look]]:
    for symbol in live.reasons:
        module = live.modules.get(symbol.module)
        for index in module.definitions.get(symbol.qualname, ()) if module is not None else ():
            if module is not None and module.parts[index].kind is PartKind.FUNCTION:
                found = next((each for each in world.looks(symbol) if each.sees in ('mro', 'super')), None)
                if found is not None:
                    yield symbol, found


def _only_instances(live: LiveSet, module: SourceModule, part: Part, use: NameUse) -> bool:
    """Whether a function is registered with a table that calls it with instances of a class: ``copyreg.pickle``."""
    for node in ast.walk(module.tree.body[part.index]):
        if isinstance(node, ast.Call) and any(
            module.positions.span(each).start == use.span.start for each in node.args
        ):
            called = dotted(node.func)
            found = live.resolutions.get((module.name, module.positions.span(node.func).start))
            target = found.target if found is not None else None
            if isinstance(target, Library) and target.attribute is not None:
                return (target.module, target.attribute, *called[1:]) in _INSTANCES_TO
            return isinstance(target, Library) and called in _INSTANCES_TO
    return False


def _is_followed(module: SourceModule, part: Part, use: NameUse) -> bool:
    """Whether a use calls a function with nothing but what is followed from where it is known."""
    found = call_at(module.tree.body[part.index], module, use.span.start, ())
    if found is None:
        return False
    call, around = found
    values = [*call.args, *(each.value for each in call.keywords)]
    return all(_is_known(each, _given(around, part.kind is PartKind.CLASS)) for each in values)


def _given(around: tuple[FunctionStatement, ...], of_class: bool) -> set[str]:
    """The variables of functions around that are what those were handed, all the time."""
    names: set[str] = set()
    for number, function in enumerate(around):
        given = [*function.args.posonlyargs, *function.args.args]
        if of_class:
            # The methods' first arguments; in functions inside of them they are the same variables.
            given = given[:1] if not number else []
        # What other functions are handed is asked of those who call them.
        names -= local_names(function)
        names |= {each.arg for each in given if not rebinds(function, each.arg)}
    return names


def _is_known(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Attribute) and node.attr == '__class__':
        node = node.value
    elif isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'type' and len(node.args) == 1:
        node = node.args[0]
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in names)


def call_at(
    node: ast.AST, module: SourceModule, at: int, around: tuple[FunctionStatement, ...]
) -> tuple[ast.Call, tuple[FunctionStatement, ...]] | None:
    """The call whose function begins at an offset, with the functions around it, outermost first."""
    if isinstance(node, ast.Call) and module.positions.span(node.func).start == at:
        return node, around
    inner = (*around, node) if isinstance(node, FUNCTION_STATEMENTS) else around
    for child in ast.iter_child_nodes(node):
        found = call_at(child, module, at, inner)
        if found is not None:
            return found
    return None
