"""Statements of a module that was run as a script: its definitions are exported, its main program is not."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def only_in_a_script(node: ast.stmt) -> bool:
    """Whether a statement has no effect when its module is imported: ``if __name__ == '__main__': …``."""
    if not isinstance(node, ast.If) or node.orelse or not isinstance(node.test, ast.Compare):
        return False
    sides = {ast.unparse(side) for side in (node.test.left, *node.test.comparators)}
    return sides == {'__name__', "'__main__'"} and isinstance(node.test.ops[0], ast.Eq)


def changed_itself(node: ast.stmt) -> Iterator[str]:
    """The names whose objects a statement mutates directly: ``X.y = …``, ``X[k] = …``, ``X.update(…)``."""
    for each in ast.walk(node):
        if isinstance(each, (ast.Attribute, ast.Subscript)) and isinstance(each.ctx, (ast.Store, ast.Del)):
            yield from _base(each)
        elif isinstance(each, ast.AugAssign):
            yield from _base(each.target)
        elif isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            yield from _base(each.value.func)


def _base(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
