"""Whether a class or function asks a registry, as far as its own code and that of what it calls by name tells."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mmengine.registry import Registry

from introspect_export.observe.lookups import codes_of

_MOST = 2000


@functools.lru_cache(maxsize=256)
def asks_registries(target: Any) -> bool:
    """Whether code of a class or function, or of what that names, names a registry; True where it is too much to tell.

    Args:
        target: The class or function.
    """
    pending, seen = [target], set()
    while pending:
        current = pending.pop()
        if isinstance(current, Registry):
            return True
        if id(current) in seen:
            continue
        seen.add(id(current))
        if len(seen) > _MOST:
            return True
        pending.extend(_named(current))
    return False


def _named(value: Any) -> Iterator[Any]:
    """What the code of a function, or of a class and its ancestors, names of its module's globals."""
    if isinstance(value, type):
        for owner in value.__mro__:
            for member in vars(owner).values():
                yield from (each for code in codes_of(member) for each in _globals(member, code))
    elif isinstance(value, FunctionType):
        yield from (each for code in codes_of(value) for each in _globals(value, code))
        wrapped = vars(value).get('__wrapped__')
        yield from [] if wrapped is None else [wrapped]


def _globals(member: Any, code: CodeType) -> Iterator[Any]:
    function = getattr(member, '__func__', getattr(member, 'fget', member))
    known = function.__globals__ if isinstance(function, FunctionType) else {}
    for name in code.co_names:
        value = known.get(name)
        if isinstance(value, ModuleType):
            # ``module.name``: the names stand side by side in the code.
            yield from (vars(value)[each] for each in code.co_names if each in vars(value))
        elif isinstance(value, (Registry, FunctionType, type)):
            yield value
