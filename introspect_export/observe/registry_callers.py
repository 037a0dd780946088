"""Whether a class or function asks a registry, as far as its own code and that of what it calls by name tells."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mmengine.registry import Registry

from introspect_export.observe.library_super_calls import codes_of
from introspect_export.observe.raw import Same, class_namespace, is_a, module_namespace, mro_of

_MOST = 2000


def asks_registries(target: Any) -> bool:
    """Whether code of a class or function, or of what that names, names a registry; True where it is too much to tell.

    Args:
        target: The class or function.
    """
    return _asks(Same(target))


@functools.lru_cache(maxsize=256)
def _asks(target: Same) -> bool:
    pending, seen = [target.value], set()
    while pending:
        current = pending.pop()
        if is_a(current, Registry):
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
    if is_a(value, type):
        for owner in mro_of(value):
            for member in class_namespace(owner).values():
                yield from (each for code in codes_of(member) for each in _globals(member, code))
    elif is_a(value, FunctionType):
        yield from (each for code in codes_of(value) for each in _globals(value, code))
        wrapped = vars(value).get('__wrapped__')
        yield from [] if wrapped is None else [wrapped]


def _globals(member: Any, code: CodeType) -> Iterator[Any]:
    if is_a(member, (classmethod, staticmethod)):
        member = member.__func__
    function = member.fget if is_a(member, property) else member
    known = function.__globals__ if is_a(function, FunctionType) else {}
    for name in code.co_names:
        value = known.get(name)
        if is_a(value, ModuleType):
            content = module_namespace(value)
            # ``module.name``: the names stand side by side in the code.
            yield from (content[each] for each in code.co_names if each in content)
        elif is_a(value, (Registry, FunctionType, type)):
            yield value
