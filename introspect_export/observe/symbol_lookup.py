"""The symbols of live classes and functions, and the objects that symbols resolve to."""

from __future__ import annotations

import functools
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from introspect_export.model.symbols import Symbol
from introspect_export.observe.raw import class_namespace, is_a, namespace, stored

_FUNCTIONS = (FunctionType, BuiltinFunctionType, functools._lru_cache_wrapper)
_NOTHING = object()


def is_function(value: Any) -> bool:
    """Whether a value is a function, or a callable named like one (``functools.wraps``, ``torch.jit.script``)."""
    if is_a(value, _FUNCTIONS):
        return True
    if is_a(value, type) or not callable(value):
        return False
    return is_a(dict.get(namespace(value), '__qualname__'), str)


def named(value: Any) -> Symbol | None:
    """The symbol of a value's ``__module__`` and ``__qualname__``, which need not resolve to it; None without them."""
    module, name = stored(value, '__module__'), stored(value, '__qualname__')
    return Symbol(module, name) if type(module) is str and type(name) is str else None


def find(symbol: Symbol) -> Any:
    """The object that a symbol resolves to in the loaded modules, or None; methods are unbound functions."""
    value: Any = sys.modules.get(symbol.module)
    if not is_a(value, ModuleType):
        return None
    for name in symbol.qualname.split('.'):
        content = class_namespace(value) if is_a(value, type) else namespace(value)
        value = content.get(name, _NOTHING) if name in content else _NOTHING
        if is_a(value, (staticmethod, classmethod)):
            value = value.__func__
        if value is _NOTHING:
            return None
    return value


def symbol_of(value: Any, name: str = '') -> Symbol | None:
    """The symbol of a class or function, if it resolves to that same object; else None.

    Args:
        value: The class or function.
        name: A global name to try in its module where its qualified name resolves to another object.
    """
    own = named(value)
    if own is None:
        return None
    if find(own) is value:
        return own
    other = Symbol(own.module, name)
    return other if name and find(other) is value else None
