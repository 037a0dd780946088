"""Finds the start class of a ``super`` call that must skip unmerged classes.

In the flattened class, all unmerged classes come after the merged ones, so ``super()`` finds the first of them that
defines a name. A merged parent's ``super()`` did not search the unmerged classes before the parent. In the flattened
class's MRO these come first, in the same order, so a ``super`` that starts at the last of them finds the same
definition; also if a subclass inserts classes of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.linearize.closure_variables import seen_in
from introspect_export.linearize.flatten_context import FlattenContext, dotted
from introspect_export.linearize.header import GENERIC
from introspect_export.linearize.locate import index_of
from introspect_export.model import Span
from introspect_export.read import mangle
from introspect_export.read.bindings import bound_inside


def start_behind(context: FlattenContext, index: int, at: Span, start: int) -> tuple[int, int] | None:
    """Return the class at which ``super`` must start to skip the unmerged classes before a merged one.

    Args:
        context: The chain with its texts.
        index: The position of the class whose body contains the access.
        at: The span of the access.
        start: The position of the merged class at which it starts; an unmerged class comes before it.

    Returns:
        The start class as the position of a class whose header names it and the index of that base; None if no header
        names it by a name with the same meaning in the function that contains the access.
    """
    # If it started at an earlier one, it would find what a subclass inserts between them.
    last = max(each for each in context.standing if each < start)
    return next(_places(context, last, _bound_around(context, index, at)), None)


def _bound_around(context: FlattenContext, index: int, at: Span) -> set[str]:
    """The names that the statement with an access binds, at any depth: they may hide a global."""
    chunk = next(each for each in context.bodies[index].chunks if each.core.holds(at))
    return set(bound_inside(chunk.nodes))


def _places(context: FlattenContext, standing: int, hidden: set[str]) -> Iterator[tuple[int, int]]:
    """The headers that name a class by an expression that can be moved into a method."""
    symbol = context.facts(standing).symbol
    if symbol == GENERIC:
        # The flattened class may not have it as a base.
        return
    for index, statement in context.statements.items():
        bases = context.facts(index).bases
        if symbol not in bases or len(bases) != len(statement.node.bases):
            continue
        expression = statement.node.bases[bases.index(symbol)]
        path, home = dotted(start_expression(expression)), index_of(statement.module)
        once = path and path[0] not in home.rebound and len(statement.module.definitions.get(path[0], ())) < 2
        fixed = once and not any(map(is_private, path)) and not seen_in(statement, expression)
        # The linker may replace the expression by any of these names.
        seen = not hidden & {*path, symbol.name}
        if fixed and seen and statement.module.positions.span(expression).start in home.uses:
            yield index, bases.index(symbol)


def is_private(name: str) -> bool:
    """Whether a name is mangled in the body of a class."""
    return mangle(name, 'C') != name


def start_expression(expression: ast.expr) -> ast.expr:
    """Return the expression of a base without its type arguments, which ``super`` does not accept."""
    return expression.value if isinstance(expression, ast.Subscript) else expression
