"""``functools.total_ordering`` on an ancestor: the flattened class is decorated by it instead.

https://docs.python.org/3/library/functools.html#functools.total_ordering: it adds the comparisons that are missing, all
made from one that is there: ``<`` before ``<=`` before ``>`` before ``>=``. What it adds compares by the operators of
the object, so that it is the same in another class, as long as the one that it starts from is.
"""

from __future__ import annotations

import ast

from introspect_export.linearize.flatten_context import FlattenContext, dotted
from introspect_export.linearize.kept_names import imports_of_name
from introspect_export.model import SourceModule

COMPARISONS = ('__ge__', '__gt__', '__le__', '__lt__')
"""The last of those that are there is what the others are made from."""


def ordering_of(context: FlattenContext) -> tuple[int, ast.expr] | None:
    """Return the decorator that the flattened class needs for its ancestors', with the position of its class."""
    found = [(index, each) for index in context.merged for each in _decorators(context, index)]
    needed = any(index and _made_at(context, index, name) for name, index in _first(context).items())
    return found[0] if found and needed and not _decorators(context, 0) else None


def added_by_ordering(context: FlattenContext, index: int) -> set[str]:
    """The members of a merged class that its decorator has made, and the flattened class's makes again."""
    first = _first(context)
    made = {name for name in COMPARISONS if _made_at(context, index, name)}
    there = [name for name, each in first.items() if not _made_at(context, each, name)]
    again = [name for name, each in first.items() if _made_at(context, each, name)]
    same = all(_start(context, first[name]) == _last(there) for name in again)
    return made if same else set()


def _first(context: FlattenContext) -> dict[str, int]:
    """The class that has each comparison first, ``object`` left out."""
    found = {name: context.lineage.first(name) for name in COMPARISONS}
    return {name: each for name, each in found.items() if each is not None and each < len(context.chain.mro) - 1}


def _made_at(context: FlattenContext, index: int, name: str) -> bool:
    """Whether a class has a comparison by its decorator."""
    if index not in context.statements or name not in context.facts(index).members:
        return False
    return bool(_decorators(context, index)) and name not in context.bodies[index].binders


def _start(context: FlattenContext, index: int) -> str:
    """The comparison that the decorator of a class has made the others from."""
    last = len(context.chain.mro) - 1
    inherited = {name: context.lineage.own(name, index, after=True) for name in COMPARISONS}
    there = {name for name, each in inherited.items() if each is not None and each < last}
    return _last([*there, *(each for each in COMPARISONS if each in context.bodies[index].binders)])


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
