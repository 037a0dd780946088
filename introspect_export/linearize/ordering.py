"""``functools.total_ordering`` on an ancestor: the flattened class is decorated by it instead.

https://docs.python.org/3/library/functools.html#functools.total_ordering: it adds the comparisons that are missing, all
made from one that is there: ``<`` before ``<=`` before ``>`` before ``>=``. What it adds compares by the operators of
the object, so that it is the same in another class, as long as the one that it starts from is.
"""

from __future__ import annotations

import ast

from introspect_export.linearize.naming import imports_of_name
from introspect_export.linearize.setting import Setting, dotted
from introspect_export.model import SourceModule

COMPARISONS = ('__ge__', '__gt__', '__le__', '__lt__')
"""The last of those that are there is what the others are made from."""


def ordering_of(setting: Setting) -> tuple[int, ast.expr] | None:
    """Return the one merged class that is decorated, with the decorator, where the flattened class may be instead."""
    found = [(index, each) for index in setting.merged for each in _decorators(setting, index)]
    if len(found) != 1:
        return None
    index = found[0][0]
    bound = {each: _bound(setting, each) for each in setting.statements}
    strange = any(name in setting.facts(each).members for each in setting.standing[:-1] for name in COMPARISONS)
    related = all(setting.lineage.descends(index, each) for each, names in bound.items() if names and each > index)
    its_own = [name for each, names in bound.items() if setting.lineage.descends(index, each) for name in names]
    every = [name for names in bound.values() for name in names]
    same = bool(its_own) and max(map(COMPARISONS.index, its_own)) == max(map(COMPARISONS.index, every))
    return found[0] if related and same and not strange else None


def added_by_ordering(setting: Setting, index: int) -> set[str]:
    """The members of a merged class that the decorator of the flattened class will make."""
    found = ordering_of(setting)
    return {*COMPARISONS} if found is not None and found[0] == index else set()


def is_ordered(setting: Setting) -> bool:
    """Whether the class itself is decorated."""
    return bool(_decorators(setting, 0))


def _bound(setting: Setting, index: int) -> list[str]:
    return [name for name in COMPARISONS if name in setting.bodies[index].binders]


def _decorators(setting: Setting, index: int) -> list[ast.expr]:
    statement = setting.statements[index]
    return [each for each in statement.node.decorator_list if _orders(statement.module, each)]


def _orders(module: SourceModule, decorator: ast.expr) -> bool:
    path = dotted(decorator)
    found = imports_of_name(module, path[0]) if path else None
    return (found, path[1:]) in (
        (('functools', 'total_ordering'), ()),
        (('functools', None), ('total_ordering',)),
    )
