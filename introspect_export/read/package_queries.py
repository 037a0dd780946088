"""Expressions that find out whether a package is installed, or which version of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from introspect_export.model import PackageQuery
from introspect_export.read.positions import Positions

QUERY = re.compile(r'find_spec|\bversion\b')
"""What the text of a statement with such an expression contains."""


def package_queries(node: ast.AST, positions: Positions) -> Iterator[PackageQuery]:
    """Find ``find_spec('x') is not None``, ``find_spec('x') is None``, ``bool(find_spec('x'))`` and ``version('x')``.

    A specification that is used for anything else than for being there is left out: it has no equivalent.

    Args:
        node: A statement.
        positions: The positions of the nodes of its module.
    """
    for each in ast.walk(node):
        call, negated = _tested(each)
        if call is not None and isinstance(each, ast.expr) and _callee(call) == 'find_spec':
            yield from _query(each, call, negated, positions)
        elif isinstance(each, ast.Call) and _callee(each) == 'version':
            yield from _query(each, each, False, positions)


def _tested(node: ast.AST) -> tuple[ast.Call | None, bool]:
    """The call whose result an expression compares with None or converts to bool, and whether None makes it true."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Call):
        other, is_none = node.comparators[0], isinstance(node.ops[0], ast.Is)
        if isinstance(other, ast.Constant) and other.value is None and (is_none or isinstance(node.ops[0], ast.IsNot)):
            return node.left, is_none
    if isinstance(node, ast.Call) and _callee(node) == 'bool' and len(node.args) == 1 and not node.keywords:
        inner = node.args[0]
        return (inner if isinstance(inner, ast.Call) else None), False
    return None, False


def _callee(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')


def _query(node: ast.expr, call: ast.Call, negated: bool, positions: Positions) -> Iterator[PackageQuery]:
    name = call.args[0].value if len(call.args) == 1 and isinstance(call.args[0], ast.Constant) else None
    base: ast.expr = call.func
    while isinstance(base, ast.Attribute):
        base = base.value
    if isinstance(name, str) and not call.keywords and isinstance(base, ast.Name):
        start = positions.span(base).start
        yield PackageQuery(positions.span(node), ast.unparse(call.func), start, name, negated)


__all__ = ['QUERY', 'package_queries']
