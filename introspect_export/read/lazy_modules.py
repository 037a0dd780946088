"""Statements that only type checkers execute, and modules that import names lazily.

``if TYPE_CHECKING:`` is never true at run time
(https://docs.python.org/3/library/typing.html#typing.TYPE_CHECKING), so its body binds nothing. A module that imports
its names lazily (by a ``__getattr__``, or by replacing itself in ``sys.modules``) declares these names there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_NAME = 'TYPE_CHECKING'


def unexecuted(node: ast.AST) -> list[ast.stmt]:
    """The statements of an ``if TYPE_CHECKING:``, which are not executed or equivalent to its other branch.

    Args:
        node: Any node; the list is empty unless it is such an ``if``.
    """
    if not isinstance(node, ast.If):
        return []
    if _is_checking(node.test):
        return node.body
    # ``if TYPE_CHECKING or EAGER:`` whose ``else`` branch imports the same names lazily.
    either = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or)
    checks = [each for each in ast.walk(node.test) if isinstance(each, ast.expr) and _is_checking(each)]
    return node.body if either and checks and any(map(replaces_itself, node.orelse)) else []


def imports_on_demand(tree: ast.Module) -> bool:
    """Whether a module provides names that it does not define: by ``__getattr__``, or by replacing itself."""
    return any(isinstance(each, ast.FunctionDef) and each.name == '__getattr__' for each in tree.body) or any(
        isinstance(each, (ast.If, ast.Assign)) and replaces_itself(each) for each in tree.body
    )


def imports_in(statements: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements in statements, at any depth."""
    for statement in statements:
        yield from (each for each in ast.walk(statement) if isinstance(each, (ast.Import, ast.ImportFrom)))


def _is_checking(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == _NAME
    return isinstance(node, ast.Name) and node.id == _NAME


def replaces_itself(node: ast.stmt) -> bool:
    """Whether a statement contains ``sys.modules[__name__] = …``, at any depth."""
    targets = (target for each in ast.walk(node) if isinstance(each, ast.Assign) for target in each.targets)
    return any(isinstance(each, ast.Subscript) and ast.unparse(each) == 'sys.modules[__name__]' for each in targets)
