"""Where a ``super`` that has to skip classes which stay starts: at one of them, by a name that its text has for it.

In the flattened class all that stays comes after what was merged, so that ``super()`` finds the first of them all. A
parent's ``super()`` started behind those that came before the parent. In the flattened class's MRO they are in front of
the others, in the same order: what starts at the last of them finds what was found, also where a subclass puts classes
of its own between.
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
    """Return the class from which ``super`` finds what it finds behind a merged one, as a base in a class's header.

    Args:
        context: The chain with its texts.
        index: The position of the class in whose body the access stands.
        at: The access.
        start: The position of the class that it starts at; one that stays comes before it.

    Returns:
        The position of the class whose header names it, and the place there; None where no header does by a name that
        means the same in the function that the access stands in.
    """
    # Started at any before the last, it would see what a subclass has put between them.
    last = max(each for each in context.standing if each < start)
    return next(_places(context, last, _bound_around(context, index, at)), None)


def _bound_around(context: FlattenContext, index: int, at: Span) -> set[str]:
    """The names that functions of the statement with an access bind: they may hide a global."""
    chunk = next(each for each in context.bodies[index].chunks if each.core.holds(at))
    return set(bound_inside(chunk.nodes))


def _places(context: FlattenContext, standing: int, hidden: set[str]) -> Iterator[tuple[int, int]]:
    """The headers that name a class by what a function may name it by."""
    symbol = context.facts(standing).symbol
    if symbol == GENERIC:
        # The flattened class may do without it.
        return
    for index, statement in context.statements.items():
        bases = context.facts(index).bases
        if symbol not in bases or len(bases) != len(statement.node.bases):
            continue
        expression = statement.node.bases[bases.index(symbol)]
        path, home = dotted(start_expression(expression)), index_of(statement.module)
        once = path and path[0] not in home.rebound and len(statement.module.definitions.get(path[0], ())) < 2
        fixed = once and not any(map(is_private, path)) and not seen_in(statement, expression)
        # The linker may use any of these names.
        seen = not hidden & {*path, symbol.name}
        if fixed and seen and statement.module.positions.span(expression).start in home.uses:
            yield index, bases.index(symbol)


def is_private(name: str) -> bool:
    """Whether a name is another one in the body of a class."""
    return mangle(name, 'C') != name


def start_expression(expression: ast.expr) -> ast.expr:
    """Return a base without its type arguments: ``super`` takes none."""
    return expression.value if isinstance(expression, ast.Subscript) else expression
