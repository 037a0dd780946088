"""Closures created by functions of libraries: they have no importable name, but the outer function has one.

The code object of the outer function contains theirs, so only their cells and defaults must be pickled.
"""

from __future__ import annotations

import dis
import importlib
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from introspect_export.model import World
from introspect_export.observe.raw import class_namespace, is_a, module_namespace
from introspect_export.observe.symbol_lookup import named

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...))
_INSIDE = '.<locals>.'
_BINDING = ('STORE_DEREF', 'DELETE_DEREF')


def is_library(value: Any, world: World) -> bool:
    """Whether a class or function belongs to a library, by its ``__module__``."""
    own = named(value)
    return own is not None and not world.is_origin(own.module)


def made_inside(function: Any) -> tuple[Any, ...] | None:
    """The arguments of ``loader.enclosed`` for a function; None where the result would not be equal.

    Args:
        function: A function whose name does not resolve to it.
    """
    own = named(function)
    if own is None or type(function) is not FunctionType or vars(function) or _INSIDE not in own.qualname:
        return None
    first, *names = own.qualname.split(_INSIDE)
    outer = _found(own.module, first)
    if outer is None or _code_inside(outer.__code__, names) is not function.__code__:
        return None
    cells = cells_of(function)
    defaults, keywords = function.__defaults__, function.__kwdefaults__
    if cells is None or not all(map(_is_plain, (*cells, *(defaults or ()), *(keywords or {}).values()))):
        return None
    if not set(function.__code__.co_freevars).isdisjoint(_rebound(outer)):
        return None  # The variable may be rebound and is shared with other functions.
    return outer, tuple(names), tuple(cells), defaults, keywords


def cells_of(function: FunctionType) -> tuple[Any, ...] | None:
    """The contents of a function's cells; None where one is empty."""
    try:
        return tuple(each.cell_contents for each in function.__closure__ or ())
    except ValueError:
        return None


def _is_plain(value: Any) -> bool:
    return any(type(value) is one for one in _PLAIN)


def _found(module: str, qualname: str) -> FunctionType | None:
    """The function that a qualified name in a module resolves to, or None."""
    value: Any = importlib.import_module(module)
    for name in qualname.split('.'):
        value = (class_namespace(value) if is_a(value, type) else module_namespace(value)).get(name)
        if value is None:
            return None
    return value if type(value) is FunctionType else None


def _code_inside(code: CodeType, names: list[str]) -> CodeType | None:
    """The nested code object at the end of a path of names, each of which must be unique; else None."""
    for name in names:
        inside = [each for each in code.co_consts if type(each) is CodeType and each.co_name == name]
        if len(inside) != 1:
            return None
        code = inside[0]
    return code


def codes_inside(function: Any) -> Iterator[CodeType]:
    """The code objects of functions and class bodies nested in a function, at any depth."""
    pending = [function.__code__] if type(function) is FunctionType else []
    while pending:
        inside = [each for each in pending.pop().co_consts if type(each) is CodeType]
        yield from inside
        pending += inside


def _rebound(function: FunctionType) -> Iterator[str]:
    """The variables that functions nested in a function rebind (``nonlocal``)."""
    for code in codes_inside(function):
        yield from (one.argval for one in dis.get_instructions(code) if one.opname in _BINDING)
