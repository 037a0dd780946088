"""Statements that only type checkers execute, and modules that answer for what those import.

``if TYPE_CHECKING:`` is never true when the program runs
(https://docs.python.org/3/library/typing.html#typing.TYPE_CHECKING), so what stands there binds nothing. A module that
imports its names on demand (by its ``__getattr__``, or by an object that it puts in its own place) says there which.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_NAME = 'TYPE_CHECKING'


def unexecuted(node: ast.AST) -> list[ast.stmt]:
    """The statements of an ``if`` that are not executed, or that are the same as what is in their place.

    Args:
        node: A node; anything but such an ``if`` has none.
    """
    if not isinstance(node, ast.If):
        return []
    if _is_checking(node.test):
        return node.body
    # ``if TYPE_CHECKING or EAGER:`` beside a branch that imports the same on demand.
    either = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or)
    asked = [each for each in ast.walk(node.test) if isinstance(each, ast.expr) and _is_checking(each)]
    return node.body if either and asked and any(map(replaces_itself, node.orelse)) else []


def imports_on_demand(tree: ast.Module) -> bool:
    """Whether a module answers for names that it does not have."""
    return any(isinstance(each, ast.FunctionDef) and each.name == '__getattr__' for each in tree.body) or any(
        isinstance(each, (ast.If, ast.Assign)) and replaces_itself(each) for each in tree.body
    )


def imports_in(statements: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements among statements, at any depth."""
    for statement in statements:
        yield from (each for each in ast.walk(statement) if isinstance(each, (ast.Import, ast.ImportFrom)))


def _is_checking(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == _NAME
    return isinstance(node, ast.Name) and node.id == _NAME


def replaces_itself(node: ast.stmt) -> bool:
    """``sys.modules[__name__] = …``, at any depth."""
    targets = (target for each in ast.walk(node) if isinstance(each, ast.Assign) for target in each.targets)
    return any(isinstance(each, ast.Subscript) and ast.unparse(each) == 'sys.modules[__name__]' for each in targets)
