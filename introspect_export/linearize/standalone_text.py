"""Text on its own: taken out of the functions and classes around it, with import statements for what it names."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from introspect_export.model import Edit, Excerpt, ImportedName, InternalError, SourceModule, Span

_RELATIVE = re.compile(r'from\s+(\.[\s.]*[\w.]*)\s*import\b')


def dedented(text: str, indent: str) -> str:
    """Return a statement without the indentation that its lines have from the second on; strings stay as they are.

    Args:
        text: The statement, from its first character on.
        indent: What stood before that.
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
    """Compile a module's text.

    Raises:
        InternalError: It is no Python.
    """
    try:
        with warnings.catch_warnings():
            # What the original's own text is warned of was said when that was imported.
            warnings.simplefilter('ignore')
            compile(text, f'<{name}>', 'exec', dont_inherit=True)
    except SyntaxError as error:
        raise InternalError(f'what {name} became is no Python: {error}\n{text}') from error


def import_statement(module: str, name: str, alias: str) -> str:
    """Return the statement that imports a name of a module."""
    return f'from {module} import {name}' + (f' as {alias}' if alias != name else '')


def import_like(imported: ImportedName, alias: str) -> str:
    """Return the statement that imports what another statement does, under an alias."""
    if imported.attribute is not None:
        return import_statement(imported.module, imported.attribute, alias)
    if imported.binds_top and alias == imported.name:
        return f'import {imported.module}'
    module = imported.name if imported.binds_top else imported.module
    return f'import {module}' if module == alias else f'import {module} as {alias}'


def absolute_imports(module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
    """Relative imports inside of functions, which would start from another package."""
    for part in module.overlapping(piece.span):
        for each in part.imports:
            match = _RELATIVE.match(module.text, each.statement.start)
            if match and piece.span.holds(Span(match.start(1), match.end(1))):
                yield Edit(match.start(1), match.end(1), f'{each.module} ')
