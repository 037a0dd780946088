"""A faster ``ast.iter_child_nodes`` that leaves out contexts and operators.

``ast.iter_child_nodes`` tests the value of every field of a node, but most fields never hold a node that callers need.
"""

from __future__ import annotations

import ast
from bisect import bisect_left

# Fields that hold text, numbers, constants or operators wherever they occur.
_PLAIN = frozenset(
    (
        *('id', 'attr', 'ctx', 'op', 'ops', 'level', 'module', 'conversion', 'simple', 'is_async'),
        *('kind', 'type_comment', 'type_ignores', 'kwd_attrs', 'asname', 'rest', 'lineno', 'tag'),
    )
)
_LEAVES = (ast.Constant, ast.Name, ast.alias, ast.Global, ast.Nonlocal, ast.Pass, ast.Break, ast.Continue)


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: () if issubclass(kind, _LEAVES) else tuple(name for name in kind._fields if name not in _PLAIN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""The fields of each kind of node that can hold nodes."""


def children(node: ast.AST) -> list[ast.AST]:
    """The child nodes of a node, in the order of its fields."""
    found: list[ast.AST] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field, None)
        if type(value) is list:
            found.extend([each for each in value if isinstance(each, ast.AST)])
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def reaches(node: ast.AST, lines: list[int]) -> bool:
    """Whether a node may extend over one of the given lines, which are sorted; true for nodes without a position."""
    first: int | None = getattr(node, 'lineno', None)
    if first is None:
        return True
    # ``lineno`` of a decorated definition is the line of ``def`` or ``class``, below its decorators.
    first = min([first, *(each.lineno for each in getattr(node, 'decorator_list', ()))])
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= (getattr(node, 'end_lineno', None) or lines[at])
