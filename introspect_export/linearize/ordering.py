"""``functools.total_ordering`` on an ancestor: the flattened class is decorated instead.

The decorator (https://docs.python.org/3/library/functools.html#functools.total_ordering) adds the missing comparisons,
all based on one existing method, which is the first that exists of ``__lt__``, ``__le__``, ``__gt__`` and ``__ge__``.
The added methods use the operators of the object, so they are equivalent in another class as long as they are based on
the same method.
"""

from __future__ import annotations

import ast

from introspect_export.linearize.flatten_context import FlattenContext, dotted
from introspect_export.linearize.kept_names import imports_of_name
from introspect_export.model import SourceModule

COMPARISONS = ('__ge__', '__gt__', '__le__', '__lt__')
"""The last of these that exists is the one that the others are based on."""


def ordering_of(context: FlattenContext) -> tuple[int, ast.expr] | None:
    """Return the decorator that the flattened class needs in place of its ancestors', with its class's position.

    None if no comparison comes from such a decorator, or the class has the decorator itself.
    """
    found = [(index, each) for index in context.merged for each in _decorators(context, index)]
    needed = any(index and _made_at(context, index, name) for name, index in _first(context).items())
    return found[0] if found and needed and not _decorators(context, 0) else None


def added_by_ordering(context: FlattenContext, index: int) -> set[str]:
    """The members that a merged class's decorator added, if the flattened class's decorator adds equivalent ones."""
    first = _first(context)
    added = {name for name in COMPARISONS if _made_at(context, index, name)}
    existing = [name for name, each in first.items() if not _made_at(context, each, name)]
    again = [name for name, each in first.items() if _made_at(context, each, name)]
    same = all(_start(context, first[name]) == _last(existing) for name in again)
    return added if same else set()


def _first(context: FlattenContext) -> dict[str, int]:
    """The first class that defines each comparison, ``object`` left out."""
    found = {name: context.lineage.first(name) for name in COMPARISONS}
    return {name: each for name, each in found.items() if each is not None and each < len(context.chain.mro) - 1}


def _made_at(context: FlattenContext, index: int, name: str) -> bool:
    """Whether the decorator of a class added a comparison to it."""
    if index not in context.statements or name not in context.facts(index).members:
        return False
    return bool(_decorators(context, index)) and name not in context.bodies[index].binders


def _start(context: FlattenContext, index: int) -> str:
    """The comparison on which the decorator of a class based the others."""
    last = len(context.chain.mro) - 1
    inherited = {name: context.lineage.own(name, index, after=True) for name in COMPARISONS}
    existing = {name for name, each in inherited.items() if each is not None and each < last}
    return _last([*existing, *(each for each in COMPARISONS if each in context.bodies[index].binders)])


def _last(names: list[str]) -> str:
    return max(names, key=COMPARISONS.index, default='')


def _decorators(context: FlattenContext, index: int) -> list[ast.expr]:
    statement = context.statements[index]
    return [each for each in statement.node.decorator_list if _orders(statement.module, each)]


def _orders(module: SourceModule, decorator: ast.expr) -> bool:
    path = dotted(decorator)
    found = imports_of_name(module, path[0]) if path else None
    return (found, path[1:]) in (
        (('functools', 'total_ordering'), ()),
        (('functools', None), ('total_ordering',)),
    )
