"""Functions that only call ``super`` with their arguments."""

from __future__ import annotations

import ast


def returns_super(node: ast.AST) -> bool:
    """Whether a function only returns ``super`` called with its two parameters: ``return super(cls, it)``."""
    if isinstance(node, ast.Lambda):
        value: ast.expr | None = node.body
    elif isinstance(node, ast.FunctionDef) and not node.decorator_list:
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    else:
        return False
    arguments = node.args
    others = arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if not isinstance(value, ast.Call) or others or len(names) != 2 or value.keywords or 'super' in names:
        return False
    passed = [getattr(each, 'id', '') for each in value.args]
    return isinstance(value.func, ast.Name) and value.func.id == 'super' and passed == names
