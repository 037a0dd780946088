"""From a live class or function to the symbol that leads to it, and back."""

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
    """Whether a value is a function, or a callable that stands for one (``functools.wraps``, ``torch.jit.script``)."""
    if is_a(value, _FUNCTIONS):
        return True
    if is_a(value, type) or not callable(value):
        return False
    return is_a(dict.get(namespace(value), '__qualname__'), str)


def named(value: Any) -> Symbol | None:
    """The symbol that a class or function gives itself, whether or not it leads to it."""
    module, name = stored(value, '__module__'), stored(value, '__qualname__')
    return Symbol(module, name) if type(module) is str and type(name) is str else None


def find(symbol: Symbol) -> Any:
    """The object that a symbol leads to among the loaded modules, or None."""
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
    """The symbol of a class or function, if it leads to that very object.

    Args:
        value: The class or function.
        name: A global name it is known by, tried in its own module where its qualified name leads elsewhere.
    """
    own = named(value)
    if own is None:
        return None
    if find(own) is value:
        return own
    other = Symbol(own.module, name)
    return other if name and find(other) is value else None
