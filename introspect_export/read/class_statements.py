"""The class statements of a syntax tree, at any depth, by qualified name."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from introspect_export.read.bindings import DEFINITIONS


def class_statements(tree: ast.Module) -> Mapping[str, tuple[ast.ClassDef, ...]]:
    """Return the class statements of each qualified name (PEP 3155), in source order.

    A name has several statements where a condition selects which one is executed, or where a later one replaces an
    earlier one.
    """
    found: dict[str, tuple[ast.ClassDef, ...]] = {}
    stack: list[tuple[str, ast.AST]] = [('', tree)]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, ast.ClassDef):
            name = prefix + node.name
            found[name] = (*found.get(name, ()), node)
        if isinstance(node, DEFINITIONS):
            prefix = f'{prefix}{node.name}.' if isinstance(node, ast.ClassDef) else f'{prefix}{node.name}.<locals>.'
        if not isinstance(node, ast.expr):
            stack.extend((prefix, child) for child in reversed(list(ast.iter_child_nodes(node))))
    return found
