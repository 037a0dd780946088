"""Functions that introspect a method resolution order and are called with unknown objects.

Calls in a class's own methods are followed with the class (``observe/mro_readers.py``). The argument of
``collect(runner.model)`` in a hook may be an instance of any class: then no class is flattened.
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
"""Functions that take a class and a function, which is called with instances of the class."""


def watched(live: LiveSet, world: World) -> tuple[str, Look] | None:
    """Return a place where an unknown object is passed to an introspecting function, with what that reads; or None.

    Args:
        live: The live parts.
        world: Provides what functions introspect.
    """
    introspecting = dict(_introspecting(live, world))
    for name in live.modules if introspecting else ():
        module = live.modules[name]
        for part in module.parts:
            for use in part.uses:
                resolution = live.resolutions.get((name, use.span.start))
                target = resolution.target if resolution is not None else None
                if not isinstance(target, Defined) or target.symbol not in introspecting or use.annotation:
                    continue
                harmless = _only_instances(live, module, part, use) and not world.looks(target.symbol, instances=True)
                if use.context == 'load' and not harmless and not _is_followed(module, part, use):
                    return str(module.place(use.span.start)), introspecting[target.symbol]
    return None


def watched_diagnostics(place: str, look: Look, kept: Iterator[Symbol]) -> Iterator[Diagnostic]:
    """Yield for each class the diagnostic why it is not flattened.

    Args:
        place: The place of the call with an unknown object.
        look: What the called function reads.
        kept: The classes.
    """
    for symbol in kept:
        message = f'any object may be handed to what shows which class has what ({look.text} at {look.place})'
        yield Diagnostic('IE-LIN-INTROSPECTION', str(symbol), message, place)


def _introspecting(live: LiveSet, world: World) -> Iterator[tuple[Symbol, Look]]:
    """The live functions that introspect the method resolution order of an argument, each with what it reads."""
    for symbol in live.reasons:
        module = live.modules.get(symbol.module)
        for index in module.definitions.get(symbol.qualname, ()) if module is not None else ():
            if module is not None and module.parts[index].kind is PartKind.FUNCTION:
                found = next((each for each in world.looks(symbol) if each.sees in ('mro', 'super')), None)
                if found is not None:
                    yield symbol, found


def _only_instances(live: LiveSet, module: SourceModule, part: Part, use: NameUse) -> bool:
    """Whether a function is passed to one that will call it only with instances of a class: ``copyreg.pickle``."""
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
    """Whether a use is a call all of whose arguments are known or are followed from the callers."""
    found = call_at(module.tree.body[part.index], module, use.span.start, ())
    if found is None:
        return False
    call, around = found
    values = [*call.args, *(each.value for each in call.keywords)]
    return all(_is_known(each, _own_arguments(around, part.kind is PartKind.CLASS)) for each in values)


def _own_arguments(around: tuple[FunctionStatement, ...], of_class: bool) -> set[str]:
    """The parameters of the enclosing functions that are never rebound and whose arguments are followed elsewhere."""
    names: set[str] = set()
    for number, function in enumerate(around):
        parameters = [*function.args.posonlyargs, *function.args.args]
        if of_class:
            # Only the first argument of a method is known; functions nested in it see the same variable.
            parameters = parameters[:1] if not number else []
        # Outside of classes, the arguments of a function are checked where it is called.
        names -= local_names(function)
        names |= {each.arg for each in parameters if not rebinds(function, each.arg)}
    return names


def _is_known(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression is a constant, one of the variables, or the class of one."""
    if isinstance(node, ast.Attribute) and node.attr == '__class__':
        node = node.value
    elif isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'type' and len(node.args) == 1:
        node = node.args[0]
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in names)


def call_at(
    node: ast.AST, module: SourceModule, at: int, around: tuple[FunctionStatement, ...]
) -> tuple[ast.Call, tuple[FunctionStatement, ...]] | None:
    """Return the call whose function expression starts at an offset, with the functions around it; None without one.

    Args:
        node: The node to search in.
        module: Its module.
        at: The offset.
        around: The functions around the node, outermost first.
    """
    if isinstance(node, ast.Call) and module.positions.span(node.func).start == at:
        return node, around
    inner = (*around, node) if isinstance(node, FUNCTION_STATEMENTS) else around
    for child in ast.iter_child_nodes(node):
        found = call_at(child, module, at, inner)
        if found is not None:
            return found
    return None
