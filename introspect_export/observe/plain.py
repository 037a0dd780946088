"""Configs as plain data, and as trees of their own."""

from __future__ import annotations

import functools
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from mmengine.config import ConfigDict
from mmengine.config.lazy import LazyAttr, LazyObject

_SCALARS = (str, int, float, bool, type(None), complex, bytes)
_NAMED = (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)


def dotted_name(value: Any) -> str:
    """A class or function as the dotted string that mmengine's registries take for a type."""
    if isinstance(value, functools.partial):
        return dotted_name(value.func)
    module, name = getattr(value, '__module__', None), getattr(value, '__qualname__', None)
    return f'{module}.{name}' if isinstance(module, str) and isinstance(name, str) else repr(value)


def plain(value: Any) -> Any:
    """A config value as dicts, lists, tuples and scalars; classes and functions become dotted strings."""
    if isinstance(value, (LazyObject, LazyAttr)):
        value = value.build()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, '_fields'):
        return tuple(plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value) if type(value) in (list, tuple) else [plain(i) for i in value]
    if type(value) in _SCALARS:
        return value
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, _NAMED):
        return dotted_name(value)
    # A scalar of some library (a numpy number) knows its Python value.
    item = getattr(value, 'item', None)
    return item() if callable(item) and getattr(value, 'shape', None) == () else value


def copied(value: Any) -> Any:
    """A copy of the plain containers in a value; everything else is the very object."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in dict.items(value)}
    if type(value) in (list, tuple):
        return type(value)(copied(item) for item in value)
    return value


def own_tree(value: Any) -> Any:
    """A copy of a config in which no two places share a dict or list, so that identity tells where one stands."""
    if isinstance(value, (LazyObject, LazyAttr)):
        value = value.build()
    if isinstance(value, dict):
        copied = ConfigDict()
        for key, item in value.items():
            dict.__setitem__(copied, key, own_tree(item))
        return copied
    if type(value) in (list, tuple):
        return type(value)(own_tree(item) for item in value)
    return value
