"""Look at live objects without running any of their code.

A class may override how its objects answer (``keys``, ``__iter__``, ``__len__``, ``__eq__``, ``__bool__``,
``__hash__``), have attributes that are code (properties, ``__getattr__``, ``__getattribute__``), or say that objects
are of another class (``__class__``). Lazy modules import what they are asked for, and proxies ask what they stand for.
So an object's class is its type's, a container's content is what the built-in type itself says, and an attribute is
what is stored.
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
"""What reads a slot, or a field of an object made in C."""
_SEQUENCES: tuple[Any, ...] = (list, tuple, deque, set, frozenset)
_PARTIAL = vars(functools.partial)
_TYPE = vars(type)
_MODULE = vars(ModuleType)
_TORCH = f'{torch.__name__}.'


def is_a(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """Whether an object is of a class: ``isinstance`` asks the object too, whose ``__class__`` may be code."""
    return issubclass(type(value), kinds)


def mro_of(kind: Any) -> tuple[type, ...]:
    """The method resolution order of a class, whatever its metaclass answers."""
    found: tuple[type, ...] = _TYPE['__mro__'].__get__(kind)
    return found


def class_namespace(kind: Any) -> Any:
    """The ``__dict__`` of a class, whatever its metaclass answers."""
    return _TYPE['__dict__'].__get__(kind)


def bases_of(kind: Any) -> tuple[type, ...]:
    """The bases of a class, whatever its metaclass answers."""
    found: tuple[type, ...] = _TYPE['__bases__'].__get__(kind)
    return found


def subclasses_of(kind: type) -> list[type]:
    """All classes below a class, asked of the classes themselves: a metaclass may list others."""
    found: dict[int, type] = {}
    pending = [kind]
    while pending:
        below = {id(each): each for each in list[type](type.__subclasses__(pending.pop()))}
        pending.extend(each for key, each in below.items() if key not in found)
        found.update(below)
    return list(found.values())


def name_of(kind: Any) -> str:
    """The name of a class, whatever its metaclass answers."""
    return str(_TYPE['__name__'].__get__(kind))


def distinct(values: Iterable[Any]) -> list[Any]:
    """Objects without repetitions, by identity: to hash or compare one may be code of its own."""
    return list({id(each): each for each in values}.values())


class Same:
    """An object as a key, by identity.

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
    """What a function wraps, through all layers, as ``functools.wraps`` notes it."""
    seen: set[int] = set()
    while id(value) not in seen:
        seen.add(id(value))
        value = dict.get(namespace(value), '__wrapped__', value)
    return value


def module_namespace(module: Any) -> dict[str, Any]:
    """The globals of a module, also of one whose class is lazy."""
    found = _MODULE['__dict__'].__get__(module)
    return found if is_a(found, dict) else {}


def module_of(kind: type) -> str:
    """The name of the module that a class says it is of, or an empty string."""
    found = class_namespace(kind).get('__module__')
    return found if type(found) is str else str(_TYPE['__module__'].__get__(kind)) if found is None else ''


def namespace(value: Any) -> dict[str, Any]:
    """The ``__dict__`` of an object; empty where it has none, or a class puts something in its place."""
    if is_a(value, ModuleType):
        return module_namespace(value)
    for each in mro_of(type(value)):
        found = class_namespace(each).get('__dict__')
        if type(found) in _STORED:
            content = found.__get__(value)
            return content if is_a(content, dict) else {}
    return {}


def stored(value: Any, name: str) -> Any:
    """An attribute as it is stored in an object or its classes; None where it is not there, or is made by code."""
    if is_a(value, type):
        return _stored_in_class(value, name)
    if is_a(value, MethodType):
        value = value.__func__
    of_class = _stored_in_class(type(value), name, ())
    if type(of_class) in _STORED:
        return _read(of_class, value)
    content = namespace(value)
    # A function or property of a class written in Python is code; it is returned as it is.
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
    """The items of a dict, by the dict's own iteration."""
    return list(dict.items(value))


def elements(value: Any) -> list[Any]:
    """The elements of a built-in sequence or set, by the built-in's own iteration; of anything else none."""
    base = next((one for one in _SEQUENCES if is_a(value, one)), None)
    return list(base.__iter__(value)) if base is not None else []


def bound(value: functools.partial[Any]) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The function, arguments and keywords of a partial object."""
    return tuple(_PARTIAL[name].__get__(value) for name in ('func', 'args', 'keywords'))


def modules_of(module: torch.nn.Module) -> list[torch.nn.Module]:
    """A module and those below it, each once: what ``modules`` gives where nobody overrides it."""
    found: dict[int, torch.nn.Module] = {}
    pending = deque([module])
    while pending:
        one = pending.popleft()
        if id(one) not in found:
            found[id(one)] = one
            pending.extend(each for _, each in children(one) if is_a(each, torch.nn.Module))
    return list(found.values())


def children(module: torch.nn.Module) -> list[tuple[str, Any]]:
    """The named submodules of a module; those of a scripted one are in a table of torch's own."""
    held = namespace(module).get('_modules')
    if is_a(held, dict):
        return pairs(held)
    return list(held.items()) if held is not None and module_of(type(held)).startswith(_TORCH) else []


def contained(value: Any) -> list[Any]:
    """What a standard container holds, dicts' keys too (a class can be one); of anything else nothing.

    The elements of a set have no order of their own: it is the caller who knows one.
    """
    if is_a(value, MappingProxyType):
        # It answers with its mapping's methods, which may be anybody's; that mapping is all it refers to.
        return [each for inner in gc.get_referents(value) for each in contained(inner)]
    if is_a(value, dict):
        items = pairs(value)
        return [*(key for key, _ in items), *(item for _, item in items)]
    if is_a(value, functools.partial):
        function, arguments, keywords = bound(value)
        return [function, *tuple.__iter__(arguments), *dict.values(keywords)]
    return elements(value)
