"""What a file of the package says of itself: its imports and definitions."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """A Python file, as far as the documents tell of it.

    Attributes:
        imports: The absolute modules that it imports when it runs, with the lines.
        definitions: The classes and functions that it defines at top level, in order.
        classes: The classes among them.
    """

    imports: tuple[tuple[int, str], ...]
    definitions: tuple[str, ...]
    classes: tuple[str, ...]


@functools.lru_cache(maxsize=1024)
def outline(text: str) -> Outline:
    """Read a file; several documents ask about each."""
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
    """The statements inside of a node, but for those that only a type checker sees."""
    if isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.unparse(node.test):
        yield from node.orelse
        return
    for field in ('body', 'handlers', 'orelse', 'finalbody', 'cases'):
        found = getattr(node, field, ())
        # An expression's body (of a lambda, of a conditional) is no list and holds no statement.
        yield from found if isinstance(found, list) else ()
