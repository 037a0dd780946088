"""Conversion of configs to plain data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from mmengine.config import ConfigDict
from mmengine.config.lazy import LazyAttr, LazyObject

from introspect_export.model.config_values import Expression, Named
from introspect_export.observe.raw import bound, is_a, module_namespace
from introspect_export.observe.symbol_lookup import find, named
from introspect_export.read.constant_text import one_of

_PLAIN = (str, int, float, bool, type(None), complex, bytes, type(...), range, Expression, Named)
_NAMED = (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)
_MAPPINGS = (dict, ConfigDict)


def dotted_name(value: Any) -> str:
    """The dotted name of a class or function, which mmengine's registries accept as a type."""
    if is_a(value, functools.partial):
        return dotted_name(bound(value)[0])
    own = named(value)
    return (
        f'{own.module}.{own.qualname}' if own is not None else object.__repr__(value).partition(' object at ')[0] + '>'
    )


def _identity(value: Any) -> Any:
    return value


def plain(value: Any, other: Callable[[Any], Any] = _identity) -> Any:
    """A config value as dicts, lists, tuples, sets and scalars; classes and functions become dotted strings.

    Args:
        value: The value.
        other: Converts any other object in it.
    """
    if is_a(value, (LazyObject, LazyAttr)):
        value = value.build()
    kind = type(value)
    if one_of(kind, _MAPPINGS):
        return {plain(key, other): plain(item, other) for key, item in value.items()}
    if one_of(kind, (list, tuple, set, frozenset)):
        return kind(plain(item, other) for item in value)
    if one_of(kind, _PLAIN):
        return value
    if is_a(value, ModuleType):
        return Named(str(module_namespace(value).get('__name__')), False)
    if is_a(value, _NAMED):
        return Named(dotted_name(value), _resolves_to(value))
    return other(value)


def _resolves_to(value: Any) -> bool:
    """Whether the dotted name of a class or function resolves to that same object."""
    symbol = named(value)
    if symbol is None:
        return False
    found = find(symbol)
    # Attribute access creates a new bound method each time.
    return found is value or (is_a(value, MethodType) and is_a(value.__self__, type) and found is value.__func__)


def copied(value: Any) -> Any:
    """A copy of the dicts, lists and tuples in a value; all other objects are shared with it."""
    if is_a(value, dict):
        return {key: copied(item) for key, item in dict.items(value)}
    if one_of(type(value), (list, tuple)):
        return type(value)(copied(item) for item in value)
    return value
