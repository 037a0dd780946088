"""Class decorators of the standard library that only set an attribute, which subclasses inherit.

These are ``typing.final`` and ``typing.dataclass_transform``. The nearest ancestor's is put on the flattened class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.linearize.flatten_context import FlattenContext, decorator_path
from introspect_export.linearize.kept_names import imports_of_name

_MARKS = {
    # https://docs.python.org/3/library/typing.html#typing.final
    ('typing', 'final'): '__final__',
    # https://docs.python.org/3/library/typing.html#typing.dataclass_transform
    ('typing', 'dataclass_transform'): '__dataclass_transform__',
}


def marking_decorators(context: FlattenContext) -> Iterator[tuple[int, ast.expr]]:
    """Yield the decorators of merged classes that the flattened class needs, each with the position of its class."""
    for mark in _MARKS.values():
        index = context.lineage.first(mark)
        if index is not None and context.is_merged(index):
            yield from ((index, each) for each in _decorators(context, index, mark))


def marks_on(context: FlattenContext, index: int) -> set[str]:
    """The attributes that such decorators have set on a merged class."""
    return {mark for mark in _MARKS.values() if _decorators(context, index, mark)}


def _decorators(context: FlattenContext, index: int, mark: str) -> list[ast.expr]:
    """The decorators of a class that set an attribute, recognized by their imports."""
    statement = context.statements[index]
    found = []
    for each in statement.node.decorator_list:
        path = decorator_path(each)
        home = imports_of_name(statement.module, path[0]) if path else None
        names = [*([home[1]] if home and home[1] else []), *path[1:]]
        if home and len(names) == 1 and _MARKS.get((home[0], names[0])) == mark:
            found.append(each)
    return found
