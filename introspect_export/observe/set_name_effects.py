"""Effects of an object's ``__set_name__``: whether it could distinguish a flattened class from the original.

It cannot if it only stores the name, or appends it to a list in an attribute of the class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from introspect_export.observe.metaclass_effects import is_name, text_of
from introspect_export.observe.raw import class_namespace, mro_of, stored


def list_of_names(value: Any) -> str | None:
    """The attribute of the owner class to whose list an object's ``__set_name__`` appends the name.

    Returns:
        The attribute; an empty string where it only stores the name; None where it does more, or its text is not known.
    """
    function = stored(type(value), '__set_name__')
    node = text_of(function)
    hooked = any('__setattr__' in class_namespace(each) for each in mro_of(type(value))[:-1])
    if node is None or hooked or len(node.args.args) != 3:
        return None
    own, owner, name = (each.arg for each in node.args.args)
    lists: set[str] = set()
    for statement in node.body:
        found = _list_attribute(statement, owner, name)
        if found:
            lists.add(found)
        elif not _stores_name(statement, own, name):
            return None
    return '' if not lists else lists.pop() if len(lists) == 1 else None


def _stores_name(node: ast.stmt, own: str, name: str) -> bool:
    """Whether a statement is ``self.x = name``, a check of the name, or has no effect."""
    if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return True
    if isinstance(node, ast.If):
        # The check passed when the original class was created, so it passes for the same name again.
        checks = all(isinstance(each, ast.Raise) for each in node.body) and not node.orelse
        return checks and _depends_only_on(node.test, name)
    if not isinstance(node, ast.Assign):
        return False
    targets = all(isinstance(each, ast.Attribute) and is_name(each.value, own) for each in node.targets)
    return targets and _depends_only_on(node.value, name)


def _depends_only_on(node: ast.expr, name: str) -> bool:
    """Whether an expression depends only on a string: it consists of the name, its methods, constants and operators."""
    parts = (
        ast.Name, ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.BinOp, ast.Add, ast.UnaryOp, ast.Not,
        ast.BoolOp, ast.boolop, ast.Compare, ast.cmpop, ast.Call, ast.Attribute, ast.expr_context,
    )  # fmt: skip
    values = list(ast.walk(node))
    called = [each.func for each in values if isinstance(each, ast.Call)]
    return all(isinstance(each, parts) and getattr(each, 'id', name) == name for each in values) and all(
        isinstance(each, ast.Attribute) for each in called
    )


def _list_attribute(node: ast.stmt, owner: str, name: str) -> str:
    """The attribute in ``owner.x.append(name)``, or in the statement that creates a missing list; else empty."""
    text = ast.unparse(node)
    for attribute in _attributes_of(node, owner):
        append = f'{owner}.{attribute}.append({name})'
        makes = (f'setattr({owner}, {attribute!r}, [])', f'{owner}.{attribute} = []')
        if text == append or text in [f'if not hasattr({owner}, {attribute!r}):\n    {each}' for each in makes]:
            return attribute
    return ''


def _attributes_of(node: ast.stmt, owner: str) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and is_name(each.value, owner):
            yield each.attr
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
