"""Find the objects that hang on what was built, without running any of their code."""

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
"""Of one container: data has thousands of equal items, programs do not."""

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
"""Attributes of ``torch.nn.Module`` whose content is reached by its own names, or is tensors."""


def walk(roots: Iterable[tuple[str, Any]], visit: Callable[[str, Any], None]) -> bool:
    """Call ``visit`` once for every object that can be reached from the roots, with its path, breadth first.

    Attributes are read from ``__dict__`` and slots directly: no property, ``__getattr__`` or ``__iter__`` runs.

    Args:
        roots: Paths and objects to start from.
        visit: Called with each object that is not plain data.

    Returns:
        Whether everything was seen; False where the bound on their number was met.
    """
    seen: dict[int, Any] = {}  # Keeps the objects alive, so that an id stays theirs.
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
        for name, held in _held(value, kind.type, kind.slots):
            known = kinds.of(held)
            # Most of what a module holds are empty dicts of hooks.
            if not (known.is_leaf or id(held) in seen or (known.is_container and not held)):
                pending.append((joined(path, name) if name != '' else path, held))
    return True


@dataclass(frozen=True, eq=False)
class _Kind:
    """What there is to know of the objects of a class."""

    type: type
    is_leaf: bool
    is_container: bool
    slots: list[tuple[str, MemberDescriptorType]]


class _Kinds:
    """Classes seen, by identity: to hash or compare a class may be code of its metaclass."""

    def __init__(self) -> None:
        self._known: dict[int, _Kind] = {}

    def of(self, value: Any) -> _Kind:
        """What is known of an object's class: its type's, since an object may lie about its ``__class__``."""
        kind = type(value)
        known = self._known.get(id(kind))
        if known is None:
            is_leaf, is_container = issubclass(kind, _LEAVES), any(kind is one for one in _CONTAINERS)
            known = self._known[id(kind)] = _Kind(kind, is_leaf, is_container, [] if is_leaf else _slots(kind))
        return known


def _held(value: Any, kind: type, slots: list[tuple[str, MemberDescriptorType]]) -> Iterator[tuple[object, Any]]:
    """What an object holds, with the name of each; an empty name where the holder is transparent."""
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
    """A dict's key as part of a path; only what is known to be plain is asked for its text."""
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
    """The slots of a class. Their descriptors read memory and nothing else; built-in types have such members too."""
    content = [class_namespace(owner) for owner in mro_of(kind)]
    members = [pair for each in content if '__slots__' in each for pair in list(each.items())]
    return [(name, member) for name, member in members if type(member) is MemberDescriptorType]
