"""The imports and definitions of a Python file."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """The imports and definitions of a file.

    Attributes:
        imports: The modules that absolute imports name, with the lines; imports under ``TYPE_CHECKING`` are left out.
        definitions: The top-level classes and functions, in order.
        classes: The top-level classes.
    """

    imports: tuple[tuple[int, str], ...]
    definitions: tuple[str, ...]
    classes: tuple[str, ...]


@functools.lru_cache(maxsize=1024)
def outline(text: str) -> Outline:
    """Parse the text of a file; cached, since several documents need it."""
    tree = ast.parse(text)
    return Outline(
        tuple(_imported(tree)),
        tuple(node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))),
        tuple(node.name for node in tree.body if isinstance(node, ast.ClassDef)),
    )


def _imported(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        yield from ((node.lineno, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.module and not node.level and node.module != '__future__':
            yield node.lineno, node.module
    else:
        for child in _statements(node):
            yield from _imported(child)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements directly inside of a node, except for those under ``TYPE_CHECKING``."""
    if isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.unparse(node.test):
        yield from node.orelse
        return
    for field in ('body', 'handlers', 'orelse', 'finalbody', 'cases'):
        found = getattr(node, field, ())
        # The ``body`` of a lambda or conditional expression is no list of statements.
        yield from found if isinstance(found, list) else ()
