"""Side-effect-free introspection of live objects: none of their code runs.

A class may override operations (``keys``, ``__iter__``, ``__len__``, ``__eq__``, ``__bool__``, ``__hash__``), compute
attributes (properties, ``__getattr__``, ``__getattribute__``), or replace ``__class__``. Lazy modules import on
attribute access, and proxies forward it. So here an object's class is its ``type``, the content of a container is read
with the methods of the built-in type, and an attribute is the stored value.
"""

from __future__ import annotations

import functools
import gc
from collections import deque
from collections.abc import Iterable
from types import (
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import torch

_STORED = (GetSetDescriptorType, MemberDescriptorType)
"""The descriptors of slots, and of fields of objects implemented in C."""
_SEQUENCES: tuple[Any, ...] = (list, tuple, deque, set, frozenset)
_PARTIAL = vars(functools.partial)
# Descriptors from ``type`` itself, which a metaclass cannot override.
_TYPE = vars(type)
_MODULE = vars(ModuleType)
_TORCH = f'{torch.__name__}.'


def is_a(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """Whether an object is an instance of a class; unlike ``isinstance``, it does not read ``__class__``."""
    return issubclass(type(value), kinds)


def mro_of(kind: Any) -> tuple[type, ...]:
    """The method resolution order of a class, even if its metaclass overrides ``__mro__``."""
    found: tuple[type, ...] = _TYPE['__mro__'].__get__(kind)
    return found


def class_namespace(kind: Any) -> Any:
    """The ``__dict__`` of a class, even if its metaclass overrides it."""
    return _TYPE['__dict__'].__get__(kind)


def bases_of(kind: Any) -> tuple[type, ...]:
    """The bases of a class, even if its metaclass overrides ``__bases__``."""
    found: tuple[type, ...] = _TYPE['__bases__'].__get__(kind)
    return found


def subclasses_of(kind: type) -> list[type]:
    """All direct and indirect subclasses of a class, even if a metaclass overrides ``__subclasses__``."""
    found: dict[int, type] = {}
    pending = [kind]
    while pending:
        below = {id(each): each for each in list[type](type.__subclasses__(pending.pop()))}
        pending.extend(each for key, each in below.items() if key not in found)
        found.update(below)
    return list(found.values())


def name_of(kind: Any) -> str:
    """The name of a class, even if its metaclass overrides ``__name__``."""
    return str(_TYPE['__name__'].__get__(kind))


def distinct(values: Iterable[Any]) -> list[Any]:
    """Objects without repetitions, by identity: hashing or comparing them may run their code."""
    return list({id(each): each for each in values}.values())


class Same:
    """A hashable key for an object, compared by identity.

    Args:
        value: The object.
    """

    __slots__ = ('value',)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.value is self.value


def unwrapped(value: Any) -> Any:
    """The innermost function below all ``__wrapped__`` attributes, which ``functools.wraps`` sets."""
    seen: set[int] = set()
    while id(value) not in seen:
        seen.add(id(value))
        value = dict.get(namespace(value), '__wrapped__', value)
    return value


def module_namespace(module: Any) -> dict[str, Any]:
    """The globals of a module, also of a lazy one whose class overrides ``__dict__``."""
    found = _MODULE['__dict__'].__get__(module)
    return found if is_a(found, dict) else {}


def module_of(kind: type) -> str:
    """The ``__module__`` of a class, or an empty string if it is not a string."""
    found = class_namespace(kind).get('__module__')
    return found if type(found) is str else str(_TYPE['__module__'].__get__(kind)) if found is None else ''


def namespace(value: Any) -> dict[str, Any]:
    """The ``__dict__`` of an object; empty where it has none, or its class overrides it."""
    if is_a(value, ModuleType):
        return module_namespace(value)
    for each in mro_of(type(value)):
        found = class_namespace(each).get('__dict__')
        if type(found) in _STORED:
            content = found.__get__(value)
            return content if is_a(content, dict) else {}
    return {}


def stored(value: Any, name: str) -> Any:
    """The stored value of an attribute in an object or its classes, or None; no descriptor of Python code is called."""
    if is_a(value, type):
        return _stored_in_class(value, name)
    if is_a(value, MethodType):
        value = value.__func__
    of_class = _stored_in_class(type(value), name, ())
    # As in attribute access, a data descriptor of the class comes before the object's ``__dict__``.
    if type(of_class) in _STORED:
        return _read(of_class, value)
    content = namespace(value)
    # Functions and properties of the class are returned as they are, unbound.
    return dict.__getitem__(content, name) if dict.__contains__(content, name) else of_class


def _stored_in_class(kind: type, name: str, own: tuple[str, ...] = ('__module__', '__qualname__', '__name__')) -> Any:
    if name in own:
        found = _TYPE[name].__get__(kind)
        return found if type(found) is str else None
    return next((class_namespace(each)[name] for each in mro_of(kind) if name in class_namespace(each)), None)


def _read(found: Any, value: Any) -> Any:
    try:
        return found.__get__(value)
    except AttributeError:
        return None  # The slot is empty.


def pairs(value: Any) -> list[tuple[Any, Any]]:
    """The items of a dict, by the built-in iteration."""
    return list(dict.items(value))


def elements(value: Any) -> list[Any]:
    """The elements of a built-in sequence or set, by the built-in iteration; empty for any other object."""
    base = next((one for one in _SEQUENCES if is_a(value, one)), None)
    return list(base.__iter__(value)) if base is not None else []


def bound(value: functools.partial[Any]) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The function, arguments and keywords of a partial object."""
    return tuple(_PARTIAL[name].__get__(value) for name in ('func', 'args', 'keywords'))


def modules_of(module: torch.nn.Module) -> list[torch.nn.Module]:
    """A module and its descendants, each once: the result of ``Module.modules`` if that is not overridden."""
    found: dict[int, torch.nn.Module] = {}
    pending = deque([module])
    while pending:
        one = pending.popleft()
        if id(one) not in found:
            found[id(one)] = one
            pending.extend(each for _, each in children(one) if is_a(each, torch.nn.Module))
    return list(found.values())


def children(module: torch.nn.Module) -> list[tuple[str, Any]]:
    """The named submodules of a module; a scripted one has them in a mapping class of torch."""
    table = namespace(module).get('_modules')
    if is_a(table, dict):
        return pairs(table)
    return list(table.items()) if table is not None and module_of(type(table)).startswith(_TORCH) else []


def contained(value: Any) -> list[Any]:
    """The content of a standard container, including the keys of dicts (they may be classes); else an empty list.

    The elements of a set come in no defined order: the caller must sort them if the order matters.
    """
    if is_a(value, MappingProxyType):
        # Its methods call those of the mapping, which may be any class; the mapping is the only object it refers to.
        return [each for inner in gc.get_referents(value) for each in contained(inner)]
    if is_a(value, dict):
        items = pairs(value)
        return [*(key for key, _ in items), *(item for _, item in items)]
    if is_a(value, functools.partial):
        function, arguments, keywords = bound(value)
        return [function, *tuple.__iter__(arguments), *dict.values(keywords)]
    return elements(value)
