"""Functions that a library's function made: no name leads to them, but one leads to the function around them.

Its code holds theirs, so what is to be carried are the values that they were made with.
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
    """Whether a class or function is of no origin, by the name that it states."""
    own = named(value)
    return own is not None and not world.is_origin(own.module)


def made_inside(function: Any) -> tuple[Any, ...] | None:
    """What ``loader.enclosed`` makes a function from; None where that would not be the same.

    Args:
        function: A function that its name does not lead to.
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
        return None  # Another function may give the variable another value.
    return outer, tuple(names), tuple(cells), defaults, keywords


def cells_of(function: FunctionType) -> tuple[Any, ...] | None:
    """The values of the variables around a function; None where one has none yet."""
    try:
        return tuple(each.cell_contents for each in function.__closure__ or ())
    except ValueError:
        return None


def _is_plain(value: Any) -> bool:
    return any(type(value) is one for one in _PLAIN)


def _found(module: str, qualname: str) -> FunctionType | None:
    """The function of a module that a name leads to."""
    value: Any = importlib.import_module(module)
    for name in qualname.split('.'):
        value = (class_namespace(value) if is_a(value, type) else module_namespace(value)).get(name)
        if value is None:
            return None
    return value if type(value) is FunctionType else None


def _code_inside(code: CodeType, names: list[str]) -> CodeType | None:
    for name in names:
        inside = [each for each in code.co_consts if type(each) is CodeType and each.co_name == name]
        if len(inside) != 1:
            return None
        code = inside[0]
    return code


def codes_inside(function: Any) -> Iterator[CodeType]:
    """The code of the functions and classes that a function makes when it runs, at any depth."""
    pending = [function.__code__] if type(function) is FunctionType else []
    while pending:
        inside = [each for each in pending.pop().co_consts if type(each) is CodeType]
        yield from inside
        pending += inside


def _rebound(function: FunctionType) -> Iterator[str]:
    """The variables around them that functions inside of a function bind anew."""
    for code in codes_inside(function):
        yield from (one.argval for one in dis.get_instructions(code) if one.opname in _BINDING)
