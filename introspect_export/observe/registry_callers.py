"""Whether a class or function may use a registry, by the global names in its code and in the code of those."""

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
    """Whether a registry is reachable through the global names in the code of a class or function.

    It is True as well where too many objects are reachable to search them all.

    Args:
        target: The class or function.
    """
    return _reaches_registry(Same(target))


@functools.lru_cache(maxsize=256)
def _reaches_registry(target: Same) -> bool:
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
        pending.extend(_referenced(current))
    return False


def _referenced(value: Any) -> Iterator[Any]:
    """The objects that the code of a function, or of a class and its ancestors, refers to by global names."""
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
            # ``module.name``: the attribute is among the names of the same code.
            yield from (content[each] for each in code.co_names if each in content)
        elif is_a(value, (Registry, FunctionType, type)):
            yield value
