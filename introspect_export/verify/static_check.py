"""The level *static*: a check of a package's text alone, for syntax errors and references to origins."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from introspect_export.read.keyed_strings import SCOPE, TYPE, name_of, texts, used

_SCOPE = SCOPE | {'scope'}
_IMPORTERS = ('import_module', '__import__', 'find_spec')
_METADATA = ('version', 'distribution', 'get_distribution')


def check_text(out: Path, origins: Collection[str], unknown: Collection[str] = ()) -> list[str]:
    """Check every Python file below a folder.

    Args:
        out: The folder of the package.
        origins: The packages and scopes that the text must not name.
        unknown: Types with such a scope that the original cannot resolve either, in an unused default for example.

    Returns:
        One sentence with ``file:line`` for each problem.
    """
    problems: list[str] = []
    for file in sorted(out.rglob('*.py')):
        name = file.relative_to(out).as_posix()
        try:
            tree = ast.parse(file.read_bytes(), name)
        except (SyntaxError, ValueError) as error:
            problems.append(f'{name}:{getattr(error, "lineno", 0)}: does not parse: {error}')
            continue
        problems += [
            f'{name}:{line}: {text}' for line, text in sorted(_problems(tree, frozenset(origins), frozenset(unknown)))
        ]
    return problems


def _problems(tree: ast.AST, origins: frozenset[str], unknown: frozenset[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        for module in _imported(node):
            if module.partition('.')[0] in origins:
                yield getattr(node, 'lineno', 0), f'imports {module}, of a package the pack must not need'
        if isinstance(node, ast.Call) and name_of(node.func) in _METADATA:
            for text in texts(node.args[:1]):
                if text.value in origins:
                    yield node.lineno, f'looks up the installed version of {text.value}, which the pack must not need'
        for text in used(node, TYPE):
            scope, dot, _ = str(text.value).partition('.')
            if dot and scope in origins and text.value not in unknown:
                yield text.lineno, f'names the type {text.value!r}, of a scope that is not there'
        for text in used(node, _SCOPE):
            if text.value in origins:
                yield text.lineno, f'names the scope {text.value!r}, which is not there'


def _imported(node: ast.AST) -> list[str]:
    """The absolute modules that a statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    if isinstance(node, ast.Call) and name_of(node.func) in _IMPORTERS:
        return [str(text.value) for text in texts(node.args[:1])]
    return []
