"""String constants that code stores under a key, compares with the value of a key, or passes as an argument of it.

``f(type='X')``, ``x['type'] = 'X'``, ``x.type == 'X'``, ``x.setdefault('type', 'X')`` all use ``'X'`` as a type.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

_LOOK_UPS = ('get', 'build', 'setdefault', 'pop')

TYPE = frozenset(('type',))
SCOPE = frozenset(('_scope_', 'default_scope', 'scope_name'))
SCOPED = frozenset(('init_default_scope', 'overwrite_default_scope', 'switch_scope_and_registry'))
"""mmengine's functions whose first argument is a scope: https://mmengine.readthedocs.io/en/latest/api/registry.html."""


def scopes(node: ast.AST) -> Iterator[ast.Constant]:
    """The string constants below a node that are used as a scope of registries."""
    for each in ast.walk(node):
        yield from used(each, SCOPE)
        if isinstance(each, ast.Call) and name_of(each.func) in SCOPED:
            yield from texts([*each.args[:1], *(keyword.value for keyword in each.keywords if keyword.arg == 'scope')])


def stored_types(node: ast.AST) -> Iterator[ast.Constant]:
    """The string constants below a node that are stored under the key ``type`` of an existing object."""
    for each in ast.walk(node):
        stores = isinstance(each, ast.Call) and name_of(each.func) == 'setdefault'
        if isinstance(each, ast.Assign) or stores:
            yield from used(each, TYPE)


def used(node: ast.AST, keys: Collection[str]) -> list[ast.Constant]:
    """The string constants that a node uses under one of the keys: ``f(type='X')``, ``x.type = 'X'`` and so on."""
    if isinstance(node, ast.Dict):
        return texts([value for key, value in zip(node.keys, node.values, strict=True) if _is_key(key, keys)])
    if isinstance(node, ast.keyword):
        return texts([node.value] if node.arg in keys else [])
    if isinstance(node, ast.Assign):
        return texts([node.value] if any(_is_place(target, keys) for target in node.targets) else [])
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        return texts(sides) if any(_is_place(side, keys) for side in sides) else []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return texts([value for name, value in defaults(node.args) if name in keys])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOK_UPS:
        return _looked_up(node.args, keys)
    return []


def _looked_up(arguments: list[ast.expr], keys: Collection[str]) -> list[ast.Constant]:
    """The string ``'X'`` in ``cfg.setdefault('type', 'X')`` and, if the keys are ``TYPE``, in ``registry.get('X')``."""
    if arguments and _is_key(arguments[0], keys):
        return texts(arguments[1:])
    return texts(arguments[:1] if keys is TYPE else [])


def defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The name and default of each parameter that has a default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from (
        (each.arg, value) for each, value in zip(reversed(positional), reversed(arguments.defaults), strict=False)
    )
    for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if value is not None:
            yield each.arg, value


def _is_place(node: ast.expr, keys: Collection[str]) -> bool:
    """Whether an expression is ``type``, ``x.type`` or ``x['type']``, for one of the keys."""
    return _is_key(node.slice, keys) if isinstance(node, ast.Subscript) else name_of(node) in keys


def _is_key(node: ast.expr | None, keys: Collection[str]) -> bool:
    return isinstance(node, ast.Constant) and node.value in keys


def name_of(node: ast.expr) -> str:
    """The last name of an expression like ``a.b``; empty for others."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ''


def texts(nodes: list[ast.expr]) -> list[ast.Constant]:
    """The string constants among expressions, and those inside of lists and tuples of them."""
    found: list[ast.Constant] = []
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node)
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            found += texts(node.elts)
    return found
