"""Functions that are ``super`` by another name."""

from __future__ import annotations

import ast


def returns_super(node: ast.AST) -> bool:
    """Whether a function does nothing but hand its two arguments on to ``super``: ``return super(cls, it)``."""
    if isinstance(node, ast.Lambda):
        value: ast.expr | None = node.body
    elif isinstance(node, ast.FunctionDef) and not node.decorator_list:
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    else:
        return False
    taken = node.args
    others = taken.vararg or taken.kwarg or taken.kwonlyargs or taken.defaults
    names = [each.arg for each in (*taken.posonlyargs, *taken.args)]
    if not isinstance(value, ast.Call) or others or len(names) != 2 or value.keywords or 'super' in names:
        return False
    handed = [getattr(each, 'id', '') for each in value.args]
    return isinstance(value.func, ast.Name) and value.func.id == 'super' and handed == names
