"""Refusals of members that were added to a class, or replaced, after its class statement was executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from introspect_export.linearize.flatten_context import FlattenContext, dotted
from introspect_export.linearize.locate import index_of
from introspect_export.linearize.memo import per_module
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.linearize.set_name import lists_of
from introspect_export.model import PartKind, SourceModule, Span
from introspect_export.read.constant_text import constant_text
from introspect_export.read.identifiers import normalized

GENERATED = frozenset(
    {'__init__', '__repr__', '__eq__', '__hash__', '__match_args__', '__dataclass_fields__', '__dataclass_params__',
     '__replace__', '__lt__', '__le__', '__gt__', '__ge__', '__setattr__', '__delattr__'}
)  # fmt: skip
"""The members that the ``dataclass`` decorator adds to a class."""

# Kinds of members that are code, other than data that methods may have computed.
_CALLED = ('function', 'classmethod', 'staticmethod', 'property', 'descriptor')
_LITERALS = (ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.expr_context)
_PRINTED = (PartKind.ASSIGN, PartKind.EFFECT)

Found = Iterator[tuple[str, str, int]]


@dataclass(frozen=True)
class Assigned:
    """An assignment to or deletion of an attribute, by a statement or by ``setattr`` and ``delattr``.

    Attributes:
        path: The dotted name of the object; empty for other expressions.
        attribute: The attribute; empty if its name is computed.
        span: The span in the module.
    """

    path: tuple[str, ...]
    attribute: str
    span: Span


def assigned_in(module: SourceModule, name: str) -> list[Assigned]:
    """Return the assignments in a module to attributes of objects whose last name is ``name``: ``name.x = …``."""
    return _assigned_in(module).get(name, [])


@per_module
def _assigned_in(module: SourceModule) -> dict[str, list[Assigned]]:
    """All assignments to attributes in a module, by the last name of the object."""
    found: dict[str, list[Assigned]] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            path = dotted(node.value)
            found.setdefault(path[-1] if path else '', []).append(
                Assigned(path, node.attr, module.positions.span(node))
            )
        elif isinstance(node, ast.Call) and dotted(node.func) in (('setattr',), ('delattr',)) and len(node.args) > 1:
            path, value = dotted(node.args[0]), node.args[1]
            name = str(value.value) if isinstance(value, ast.Constant) else ''
            found.setdefault(path[-1] if path else '', []).append(Assigned(path, name, module.positions.span(node)))
    return found


def patched_refusals(context: FlattenContext) -> Found:
    """Refusals of members that differ from those that the class statements create."""
    yield from _assigned_elsewhere(context)
    yield from _other_functions(context)
    yield from _other_constants(context)
    yield from _put_on_it(context)


def assigned_later(context: FlattenContext) -> set[str]:
    """The attributes of the class itself that later statements of its module assign, which are exported with it."""
    module = context.statements[0].module
    printed = [part.statement for part in module.parts if part.kind in _PRINTED]
    return {each.attribute for each in _outside(context, 0) if any(span.holds(each.span) for span in printed)}


def _outside(context: FlattenContext, index: int) -> Iterator[Assigned]:
    """The assignments to attributes of a class in its module, outside of the statements of the chain's classes."""
    statement = context.statements[index]
    module = statement.module
    for each in assigned_in(module, statement.node.name):
        if any(one.module is module and one.statement.holds(each.span) for one in context.statements.values()):
            continue
        found = context.resolver.find(module.name, each.path)
        # A name that is no global may be the class's variable in the function that defines it.
        known = context.resolver.is_known(module.name, each.path) and each.span.start in index_of(module).uses
        if not known or found == (context.facts(index).symbol, len(each.path)):
            yield each


def _assigned_elsewhere(context: FlattenContext) -> Found:
    """Refusals of assignments to class attributes outside of class statements.

    Those to the class itself are only refused if it is written to a module of its own and no statement that is
    written with it makes the assignment.
    """
    for index in context.merged:
        for each in _outside(context, index):
            name = context.statements[index].node.name
            yield 'IE-LIN-CLASS-STATE', f'{name}.{each.attribute} is assigned outside of its class statement', index
    if not context.alone:
        return
    module = context.statements[0].module
    printed = [part.statement for part in module.parts if part.kind in _PRINTED]
    run = [part.statement for part in module.parts if part.kind is not PartKind.FUNCTION]
    enclosed = '.' in context.chain.symbol.qualname
    for each in _outside(context, 0):
        at_top = any(span.holds(each.span) for span in (printed if not enclosed else ()))
        if not at_top and (enclosed or any(span.holds(each.span) for span in run)):
            yield 'IE-LIN-PATCHED', f'{each.attribute} is assigned after the class was made', 0


def _other_functions(context: FlattenContext) -> Found:
    """Refusals of methods that were replaced after the class was created."""
    later = assigned_later(context)
    for index in context.statements:
        facts, body = context.facts(index), context.bodies[index]
        if 'typed-in' in facts.traits or (index == 0 and not _is_bare(context)):
            continue
        for name, chunks in body.binders.items():
            nodes = [node for each in chunks for node in body.chunks[each].nodes]
            if facts.members.get(name) != 'function' or not all(_is_plain_function(node) for node in nodes):
                continue
            if facts.lines.get(name) not in {node.lineno for node in nodes} and (index or name not in later):
                message = f'{facts.symbol.name}.{name} was replaced after its class was made'
                yield 'IE-LIN-PATCHED', message, index


def _other_constants(context: FlattenContext) -> Found:
    """Refusals of constants whose current value differs from that in the class statement."""
    later = assigned_later(context)
    for index in context.statements:
        facts = context.facts(index)
        for name, value in _constants(context, index):
            made = name in facts.members and name not in context.chain.sets
            if not made or facts.constants.get(name) == value:
                continue
            if index or (_is_bare(context) and name not in later and not _is_state(context, name)):
                yield 'IE-LIN-PATCHED', f'{facts.symbol.name}.{name} has another value than its statement gives', index


def _constants(context: FlattenContext, index: int) -> Iterator[tuple[str, str]]:
    """The names that a class body binds once to a constant or a display of constants, each with its unique text."""
    body = context.bodies[index]
    for name, chunks in body.binders.items():
        node = body.chunks[chunks[0]].nodes[0]
        alone = len(chunks) == 1 and len(body.chunks[chunks[0]].nodes) == 1
        if alone and isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            # Containers of the class itself are written with it anyway, so their current content does not matter.
            known = isinstance(node.value, ast.Constant) or (index > 0 and _is_literal(node.value))
            readers = [each for number in body.readers.get(name, ()) for each in body.chunks[number].nodes]
            if (
                known
                and not any(_may_fill(each, name) for each in readers)
                and all(isinstance(each, ast.Name) for each in targets)
            ):
                yield name, str(constant_text(ast.literal_eval(node.value)))


def _may_fill(node: ast.AST, name: str) -> bool:
    """Whether a statement may mutate the object of a name: ``table[k] = v``, ``names.append(x)``, ``f(names)``."""
    for each in ast.walk(node):
        parts = [each.value] if isinstance(each, (ast.Subscript, ast.Attribute)) else []
        if isinstance(each, ast.Call):
            parts += [*each.args, *(keyword.value for keyword in each.keywords)]
        if any(isinstance(part, ast.Name) and part.id == name for part in parts):
            return True
    return False


def _is_literal(node: ast.expr) -> bool:
    return all(isinstance(each, _LITERALS) for each in ast.walk(node))


def _is_bare(context: FlattenContext) -> bool:
    """Whether nothing that is exported with the class's own statement may change it.

    In a package, the statements that change it are exported as well, and decorators may change it.
    """
    return context.alone and not context.statements[0].node.decorator_list


def _is_state(context: FlattenContext, name: str) -> bool:
    """Whether methods of the chain assign an attribute, so that its current value is state and not a patch."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
        for statement in context.statements.values()
        for node in ast.walk(statement.node)
    )


def _put_on_it(context: FlattenContext) -> Found:
    """Refusals of methods of the class itself that neither its statement nor its module adds, but another module."""
    facts, statement = context.facts(0), context.statements[0]
    known = {'__init__'} if 'protocol' in facts.traits else set()
    known |= {*context.bodies[0].binders, *context.chain.sets, *lists_of(context), *IMPLICIT, *GENERATED}
    module = statement.module
    changes = [normalized(module.cut(part.statement)) for part in module.parts if statement.node.name in part.mutates]
    added = [
        name
        for name, kind in facts.members.items()
        if name not in known and kind in _CALLED and not any(name in text for text in changes)
    ]
    if added and not statement.node.decorator_list and 'typed-in' not in facts.traits:
        yield 'IE-LIN-PATCHED', f'{added[0]} was put on the class by another module', 0


def _is_plain_function(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list
