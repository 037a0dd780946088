"""Traversal of all objects reachable from given ones, without running any of their code."""

from __future__ import annotations

import functools
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy
import torch
from mmengine.config import Config
from mmengine.registry import Registry

from introspect_export.observe.raw import bound, children, class_namespace, elements, mro_of, name_of, namespace, pairs
from introspect_export.sandbox.config_tree import joined

MOST_OBJECTS = 500_000
MOST_ITEMS = 2_000
"""The items that are visited in one container: more are likely data, of equal classes."""

_LEAVES = (
    type,
    str,
    bytes,
    bytearray,
    int,
    float,
    complex,
    type(None),
    range,
    slice,
    torch.Tensor,
    torch.dtype,
    torch.device,
    torch.Generator,
    torch.Size,
    numpy.ndarray,
    numpy.generic,
    ModuleType,
    FunctionType,
    BuiltinFunctionType,
    Registry,
    Config,
    logging.Logger,
    logging.Handler,
    threading.Thread,
)
_CONTAINERS = (dict, list, tuple, set, frozenset, OrderedDict, deque)
_BOOKKEEPING = {'_modules', '_parameters', '_buffers', '_non_persistent_buffers_set'}
"""Attributes of ``torch.nn.Module`` whose content is visited under its own names, or consists of tensors or names."""


def walk(roots: Iterable[tuple[str, Any]], visit: Callable[[str, Any], None]) -> bool:
    """Call ``visit`` once for every object that can be reached from the roots, with its path, breadth first.

    Attributes are read from ``__dict__`` and slots directly: no property, ``__getattr__`` or ``__iter__`` runs.

    Args:
        roots: Paths and objects to start from.
        visit: Called with the path and the object, unless its class is in ``_LEAVES``; empty containers are skipped.

    Returns:
        Whether everything was visited; False where the maximum number of objects was reached.
    """
    seen: dict[int, Any] = {}  # Keeps the objects alive, so that no id is reused.
    kinds = _Kinds()
    pending = deque((path, value) for path, value in roots if not kinds.of(value).is_leaf)
    while pending:
        path, value = pending.popleft()
        if id(value) in seen:
            continue
        if len(seen) >= MOST_OBJECTS:
            return False
        seen[id(value)] = value
        visit(path, value)
        kind = kinds.of(value)
        for name, child in _references(value, kind.type, kind.slots):
            known = kinds.of(child)
            # Most attributes of a ``torch.nn.Module`` are empty dicts of hooks.
            if not (known.is_leaf or id(child) in seen or (known.is_container and not child)):
                pending.append((joined(path, name) if name != '' else path, child))
    return True


@dataclass(frozen=True, eq=False)
class _Kind:
    """The traits of a class that decide how its objects are traversed."""

    type: type
    is_leaf: bool
    is_container: bool
    slots: list[tuple[str, MemberDescriptorType]]


class _Kinds:
    """The traits of classes, by identity: hashing or comparing a class may run code of its metaclass."""

    def __init__(self) -> None:
        self._known: dict[int, _Kind] = {}

    def of(self, value: Any) -> _Kind:
        """The traits of an object's type, since ``__class__`` may be overridden."""
        kind = type(value)
        known = self._known.get(id(kind))
        if known is None:
            is_leaf, is_container = issubclass(kind, _LEAVES), any(kind is one for one in _CONTAINERS)
            known = self._known[id(kind)] = _Kind(kind, is_leaf, is_container, [] if is_leaf else _slots(kind))
        return known


def _references(value: Any, kind: type, slots: list[tuple[str, MemberDescriptorType]]) -> Iterator[tuple[object, Any]]:
    """The objects that an object refers to, with their names; the name is empty for the object of a bound method."""
    if issubclass(kind, dict):
        yield from _first((_key(key), item) for key, item in pairs(value))
    elif issubclass(kind, (list, tuple, set, frozenset, deque)):
        yield from _first(enumerate(elements(value)))
    elif issubclass(kind, functools.partial):
        yield from zip(('func', 'args', 'keywords'), bound(value), strict=False)
    elif issubclass(kind, MethodType):
        yield '', value.__self__
    yield from _attributes(value, kind)
    for name, member in slots:
        try:
            yield name, member.__get__(value, kind)
        except AttributeError:
            continue  # The slot is empty.


def _key(key: object) -> object:
    """A dict's key as part of a path; of other objects than strings and integers, the class: their ``str`` is code."""
    return key if type(key) is str or type(key) is int else name_of(type(key))


def _first(items: Iterable[tuple[object, Any]]) -> Iterator[tuple[object, Any]]:
    for number, item in enumerate(items):
        if number >= MOST_ITEMS:
            return
        yield item


def _attributes(value: Any, kind: type) -> Iterator[tuple[object, Any]]:
    is_module = issubclass(kind, torch.nn.Module)
    content = pairs(namespace(value))
    if is_module:
        yield from children(value)
    for name, item in content:
        if not (is_module and name in _BOOKKEEPING):
            yield name, item


def _slots(kind: type) -> list[tuple[str, MemberDescriptorType]]:
    """The slots of a class and its ancestors, each with its descriptor, which only reads memory.

    Built-in types have such descriptors too, but those are not from ``__slots__``.
    """
    content = [class_namespace(owner) for owner in mro_of(kind)]
    members = [pair for each in content if '__slots__' in each for pair in list(each.items())]
    return [(name, member) for name, member in members if type(member) is MemberDescriptorType]
