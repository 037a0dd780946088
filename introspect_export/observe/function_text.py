"""The syntax trees of live functions and classes, found by the file and line in their code objects."""

from __future__ import annotations

import ast
import functools
import linecache
import os
import tokenize
import types
from collections.abc import Mapping

from introspect_export.read.bindings import FUNCTIONS, FunctionNode
from introspect_export.read.class_statements import class_statements


def node_of(code: types.CodeType) -> FunctionNode | None:
    """Return the function that a code object was compiled from; None where there is no text, or several match."""
    found = [
        each
        for each in _index(code.co_filename).get(code.co_firstlineno, ())
        if (code.co_name == '<lambda>') == isinstance(each, ast.Lambda)
        and getattr(each, 'name', code.co_name) == code.co_name
    ]
    return found[0] if len(found) == 1 else None


def class_node(file: str, qualname: str) -> ast.ClassDef | None:
    """Return the only class statement of a qualified name in a file; None for one inside of a function."""
    found = _classes(file, *_stamp(file)).get(qualname, ())
    return found[0] if len(found) == 1 and '<locals>' not in qualname else None


def _index(file: str) -> Mapping[int, list[FunctionNode]]:
    return _functions(file, *_stamp(file))


def _stamp(file: str) -> tuple[int, int]:
    """The modification time and size of a file, to invalidate the caches when it is rewritten."""
    try:
        found = os.stat(file)
    except OSError:  # Not a file: text that a console keeps in ``linecache``.
        return (0, len(''.join(linecache.getlines(file))))
    return (found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=512)
def _parsed(file: str, changed: int, size: int) -> ast.Module:
    try:
        with tokenize.open(file) as stream:
            text = stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        # Typed in a console, or in a zip archive.
        text = ''.join(linecache.getlines(file))
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


@functools.lru_cache(maxsize=512)
def _functions(file: str, changed: int, size: int) -> Mapping[int, list[FunctionNode]]:
    found: dict[int, list[FunctionNode]] = {}
    for node in ast.walk(_parsed(file, changed, size)):
        if isinstance(node, FUNCTIONS):
            # The code of a decorated function begins at its first decorator.
            lines = [node.lineno, *(each.lineno for each in getattr(node, 'decorator_list', ()))]
            found.setdefault(min(lines), []).append(node)
    return found


@functools.lru_cache(maxsize=512)
def _classes(file: str, changed: int, size: int) -> Mapping[str, tuple[ast.ClassDef, ...]]:
    return class_statements(_parsed(file, changed, size))
