"""Makes text independent of its module: removes outer indentation, and writes imports for the names it uses."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from introspect_export.model import Edit, Excerpt, ImportedName, InternalError, SourceModule, Span

_RELATIVE = re.compile(r'from\s+(\.[\s.]*[\w.]*)\s*import\b')


def dedented(text: str, indent: str) -> str:
    """Return a statement without the outer indentation of its lines; lines inside of strings are not changed.

    Args:
        text: The statement, from its first character on, so that its first line is not indented.
        indent: The indentation before that character.
    """
    if not indent:
        return text
    tree = ast.parse(f'if 1:\n{indent}{text}\n')
    inside = {
        line
        for node in ast.walk(tree)
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }
    lines = text.split('\n')
    # The first line of the statement is the second one of what was parsed.
    return '\n'.join(
        line[len(indent) :] if number not in inside and line.startswith(indent) else line
        for number, line in enumerate(lines, 2)
    )


def check_compiles(text: str, name: str) -> None:
    """Check that a module's text compiles.

    Raises:
        InternalError: It has a syntax error.
    """
    try:
        with warnings.catch_warnings():
            # Warnings about the original's text were already issued when that was imported.
            warnings.simplefilter('ignore')
            compile(text, f'<{name}>', 'exec', dont_inherit=True)
    except SyntaxError as error:
        raise InternalError(f'what {name} became is no Python: {error}\n{text}') from error


def import_statement(module: str, name: str, alias: str) -> str:
    """Return the statement that imports a name of a module."""
    return f'from {module} import {name}' + (f' as {alias}' if alias != name else '')


def import_like(imported: ImportedName, alias: str) -> str:
    """Return the statement that imports the same object as another statement, under an alias."""
    if imported.attribute is not None:
        return import_statement(imported.module, imported.attribute, alias)
    if imported.binds_top and alias == imported.name:
        return f'import {imported.module}'
    module = imported.name if imported.binds_top else imported.module
    return f'import {module}' if module == alias else f'import {module} as {alias}'


def absolute_imports(module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
    """The edits that make relative imports in an excerpt absolute, since they would start from another package."""
    for part in module.overlapping(piece.span):
        for each in part.imports:
            match = _RELATIVE.match(module.text, each.statement.start)
            if match and piece.span.holds(Span(match.start(1), match.end(1))):
                yield Edit(match.start(1), match.end(1), f'{each.module} ')
