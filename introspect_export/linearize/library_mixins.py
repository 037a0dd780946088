"""Refusals because of unmerged classes that come before a merged one in the MRO, where their ``super()`` changes.

In the flattened class, all merged definitions come before those of unmerged classes. So an attribute that an unmerged
class looks up through ``super`` must be defined in an unmerged class, or never be looked up, or be a definition that
only calls the next one up to there. Subclasses that keep their chain are refused by ``subclass_refusal``, since a class
is between the flattened class and one merged into it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.linearize.body_chunks import body_of
from introspect_export.linearize.flatten_context import FlattenContext
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.model import SuperLookup


def interleaved_refusals(context: FlattenContext) -> Iterator[tuple[str, str, int]]:
    """Refusals of lookups in unmerged classes that would find another definition."""
    for index in _in_front(context):
        known = context.looked_up(index)
        for name in sorted(_may_be_missed(context, index) if known is None else _missed(context, index, known)):
            found = next(each for each in context.lineage.definers[name] if each > index)
            merged = context.facts(found).symbol.name
            message = f'{context.facts(index).symbol.name} comes before {merged} and may call its {name}'
            yield 'IE-LIN-LIBRARY-FIRST', message, found if context.is_merged(found) else 0


def naming_refusals(context: FlattenContext) -> Iterator[tuple[str, str, int]]:
    """Refusals of unmerged origin classes that name merged ones, which are no longer their ancestors or siblings."""
    for index, statement in context.standing_texts():
        for access in (each for chunk in body_of(statement).chunks for each in chunk.accesses):
            found = context.resolver.find(statement.module.name, access.path) if access.path else None
            position = context.lineage.position[found[0]] if found is not None else 0
            if context.is_merged(position):
                name = context.facts(position).symbol.name
                message = f'{context.facts(index).symbol.name}, which stays, names {name}, which is no ancestor of it'
                yield 'IE-LIN-PARENT-ACCESS', message, position


def _in_front(context: FlattenContext) -> list[int]:
    """The unmerged classes that come before a merged one."""
    last = max(context.merged, default=0)
    return [index for index in context.standing if index < last]


def _may_be_missed(context: FlattenContext, index: int) -> set[str]:
    """The names that a class whose code is unknown could look up in merged classes."""
    later = [each for each in context.merged if each > index]
    return {name for each in later for name in context.facts(each).members if name not in IMPLICIT}


def _missed(context: FlattenContext, index: int, known: frozenset[SuperLookup]) -> set[str]:
    """The names that a class looks up and that would no longer be found, since a merged class defines them."""
    missed = set()
    for each in known:
        found = context.lineage.after(each.name, index)
        mentioned = any(each.switch in body.identifiers for body in context.bodies.values())
        if found is None or not context.is_merged(found) or (each.switch and not mentioned):
            continue
        if not (each.plain_call and _is_passed_on(context, index, found, each.name)):
            missed.add(each.name)
    return missed


def _is_passed_on(context: FlattenContext, index: int, found: int, name: str) -> bool:
    """Whether merged definitions only call the next one, up to the one that ``super`` finds without them."""
    target = next(
        (each for each in context.lineage.definers[name] if each > index and not context.is_merged(each)), None
    )
    while found != target:
        following = context.lineage.after(name, found)
        if following is None or not context.is_merged(found) or not _only_passes_on(context, found, name):
            return False
        found = following
    return True


def _only_passes_on(context: FlattenContext, index: int, name: str) -> bool:
    """Whether a definition is just ``def name(self): super().name()``, with or without ``return``."""
    body = context.bodies[index]
    nodes = [node for each in body.binders.get(name, ()) for node in body.chunks[each].nodes]
    accesses = [access for each in body.binders.get(name, ()) for access in body.chunks[each].accesses]
    if len(nodes) != 1 or len(accesses) != 1 or accesses[0].form not in ('zero', 'two'):
        return False
    node, access = nodes[0], accesses[0]
    statements = [each for each in getattr(node, 'body', []) if not _is_constant(each)]
    if not isinstance(node, ast.FunctionDef) or node.decorator_list or len(statements) != 1:
        return False
    statement = statements[0]
    call = statement.value if isinstance(statement, (ast.Expr, ast.Return)) else None
    plain = isinstance(call, ast.Call) and not call.args and not call.keywords
    parameters = node.args
    only_self = len([*parameters.posonlyargs, *parameters.args]) == 1 and not parameters.defaults
    others = parameters.kwonlyargs or parameters.vararg or parameters.kwarg
    own = access.form == 'zero' or access.path == (context.facts(index).symbol.name,)
    return plain and only_self and not others and own and access.attribute == name and access.receiver.kind == 'first'


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
