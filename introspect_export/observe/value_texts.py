"""Values as short texts that are the same in every run."""

from __future__ import annotations

import enum
import functools
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy
import torch

from introspect_export.observe.plain import dotted_name
from introspect_export.observe.raw import module_of, name_of, namespace, pairs, stored
from introspect_export.read.constant_text import one_of

_SCALARS = (str, int, float, bool, type(None), complex, bytes)
_MOST_ITEMS = 200
_DEEPEST = 8
_ARRAY = vars(numpy.ndarray)


def value_text(value: Any, depth: int = 0) -> str:
    """A value as a Python expression; live objects as ``<module.Class>``, without running their code."""
    kind = type(value)
    if one_of(kind, _SCALARS):
        return repr(value)
    if depth > _DEEPEST:
        return '…'
    # By the type: ``isinstance`` also reads ``__class__``, which may run code.
    if issubclass(kind, dict):
        return _dict(value, depth)
    if one_of(kind, (list, tuple, set, frozenset)):
        return _sequence(value, depth)
    if issubclass(kind, (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)):
        return f'<{dotted_name(value)}>'
    if issubclass(kind, torch.Tensor):
        # A subclass may override ``shape`` through ``__torch_function__``.
        with torch._C.DisableTorchFunctionSubclass():
            return f'<{name_of(kind)} {str(value.dtype).rpartition(".")[2]} {tuple(value.shape)}>'
    if issubclass(kind, numpy.ndarray):
        return f'<array {_ARRAY["dtype"].__get__(value)} {_ARRAY["shape"].__get__(value)}>'
    if issubclass(kind, enum.Enum):
        return _member(value)
    if one_of(kind, (torch.dtype, torch.device)) or (
        issubclass(kind, numpy.generic) and module_of(kind) == numpy.__name__
    ):
        return str(value)
    return f'<{module_of(kind)}.{stored(kind, "__qualname__")}>'


def _member(value: enum.Enum) -> str:
    """The default ``str`` of an enumeration's member: a class may override it."""
    content = namespace(value)
    name = content.get('_name_')
    return f'{name_of(type(value))}.{name if type(name) is str else value_text(content.get("_value_"))}'


def _dict(value: dict[Any, Any], depth: int) -> str:
    items = pairs(value)
    shown = [(key, value_text(item, depth + 1)) for key, item in items[:_MOST_ITEMS]]
    more = [f'… {len(items)} items'] if len(items) > _MOST_ITEMS else []
    if all(type(key) is str and key.isidentifier() for key, _ in shown):
        return f'dict({", ".join([f"{key}={text}" for key, text in shown] + more)})'
    return '{' + ', '.join([f'{value_text(key, depth + 1)}: {text}' for key, text in shown] + more) + '}'


def _sequence(value: Any, depth: int) -> str:
    items = [value_text(item, depth + 1) for item in list(value)[:_MOST_ITEMS]]
    if isinstance(value, (set, frozenset)):
        items.sort()
    if len(items) > 1 and items[0].startswith('<') and len({each.partition(' ')[0] for each in items}) == 1:
        items = [f'{len(value)} times {items[0].partition(" ")[0].rstrip(">")}>']
    elif len(value) > _MOST_ITEMS:
        items.append(f'… {len(value)} items')
    text = ', '.join(items)
    if isinstance(value, tuple):
        return f'({text},)' if len(value) == 1 else f'({text})'
    return f'[{text}]' if isinstance(value, list) else '{' + text + '}'
