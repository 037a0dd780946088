"""What can be told from a pack's text alone: it parses, and it asks nothing of the packages it came from."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

_TYPE = ('type',)
_SCOPE = ('_scope_', 'default_scope', 'scope')
_IMPORTERS = ('import_module', '__import__', 'find_spec')
_LOOK_UPS = ('get', 'build', 'setdefault', 'pop')


def check_text(out: Path, origins: Collection[str]) -> list[str]:
    """Look through every Python file below a folder.

    Args:
        out: The folder that was written.
        origins: The packages (and scopes) that nothing may name.

    Returns:
        One sentence with ``file:line`` for each thing that is wrong.
    """
    problems: list[str] = []
    for file in sorted(out.rglob('*.py')):
        name = file.relative_to(out).as_posix()
        try:
            tree = ast.parse(file.read_bytes(), name)
        except (SyntaxError, ValueError) as error:
            problems.append(f'{name}:{getattr(error, "lineno", 0)}: does not parse: {error}')
            continue
        problems += [f'{name}:{line}: {text}' for line, text in sorted(_problems(tree, frozenset(origins)))]
    return problems


def _problems(tree: ast.AST, origins: frozenset[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        for module in _imported(node):
            if module.partition('.')[0] in origins:
                yield getattr(node, 'lineno', 0), f'imports {module}, of a package the pack must not need'
        for text in _used(node, _TYPE):
            scope, dot, _ = text.value.partition('.')
            if dot and scope in origins:
                yield text.lineno, f'names the type {text.value!r}, of a scope that is not there'
        for text in _used(node, _SCOPE):
            if text.value in origins:
                yield text.lineno, f'names the scope {text.value!r}, which is not there'


def _imported(node: ast.AST) -> list[str]:
    """The absolute modules that a statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    if isinstance(node, ast.Call) and _name(node.func) in _IMPORTERS:
        return [text.value for text in _texts(node.args[:1])]
    return []


class _Text:
    """A string constant and its line."""

    def __init__(self, value: str, lineno: int) -> None:
        self.value = value
        self.lineno = lineno


def _used(node: ast.AST, keys: Collection[str]) -> list[_Text]:
    """The string constants that a node uses under one of the keys: ``f(type='X')``, ``x.type = 'X'`` and so on."""
    if isinstance(node, ast.Dict):
        return _texts([value for key, value in zip(node.keys, node.values) if _is_key(key, keys)])
    if isinstance(node, ast.keyword):
        return _texts([node.value] if node.arg in keys else [])
    if isinstance(node, ast.Assign):
        return _texts([node.value] if any(_is_place(target, keys) for target in node.targets) else [])
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        return _texts(sides) if any(_is_place(side, keys) for side in sides) else []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return _texts(_defaults(node.args, keys))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOK_UPS:
        return _looked_up(node.args, keys)
    return []


def _looked_up(arguments: list[ast.expr], keys: Collection[str]) -> list[_Text]:
    """The texts in ``cfg.setdefault('type', 'X')`` and, where types are meant, in ``registry.get('X')``."""
    if arguments and _is_key(arguments[0], keys):
        return _texts(arguments[1:])
    return _texts(arguments[:1] if keys is _TYPE else [])


def _defaults(arguments: ast.arguments, keys: Collection[str]) -> list[ast.expr]:
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(positional), reversed(arguments.defaults)),
        *zip(arguments.kwonlyargs, arguments.kw_defaults),
    ]
    return [default for argument, default in pairs if default is not None and argument.arg in keys]


def _is_place(node: ast.expr, keys: Collection[str]) -> bool:
    """Whether an expression is ``type``, ``x.type`` or ``x['type']``."""
    return _is_key(node.slice, keys) if isinstance(node, ast.Subscript) else _name(node) in keys


def _is_key(node: ast.expr | None, keys: Collection[str]) -> bool:
    return isinstance(node, ast.Constant) and node.value in keys


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ''


def _texts(nodes: list[ast.expr]) -> list[_Text]:
    """The string constants among expressions, and those inside of lists and tuples of them."""
    found: list[_Text] = []
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(_Text(node.value, node.lineno))
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            found += _texts(node.elts)
    return found
