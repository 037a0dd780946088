"""Values as short texts that are the same in every run."""

from __future__ import annotations

import enum
import functools
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy
import torch

from introspect_export.observe.plain import dotted_name

_SCALARS = (str, int, float, bool, type(None), complex, bytes)
_MOST_ITEMS = 200
_DEEPEST = 8


def value_text(value: Any, depth: int = 0) -> str:
    """A value as Python would write it; live objects as ``<module.Class>``, without running their code."""
    kind = type(value)
    if kind in _SCALARS:
        return repr(value)
    if depth > _DEEPEST:
        return '…'
    # Asked of the type: ``isinstance`` asks the object too, whose ``__class__`` may be code.
    if issubclass(kind, dict):
        return _dict(value, depth)
    if kind in (list, tuple, set, frozenset):
        return _sequence(value, depth)
    if issubclass(kind, (type, FunctionType, BuiltinFunctionType, MethodType, functools.partial)):
        return f'<{dotted_name(value)}>'
    if issubclass(kind, torch.Tensor):
        return f'<{kind.__name__} {_dtype(value)} {tuple(value.shape)}>'
    if issubclass(kind, numpy.ndarray):
        return f'<array {value.dtype} {value.shape}>'
    if issubclass(kind, (enum.Enum, torch.dtype, torch.device, numpy.generic)):
        return str(value)
    return f'<{kind.__module__}.{kind.__qualname__}>'


def _dtype(value: torch.Tensor) -> str:
    return str(value.dtype).rpartition('.')[2]


def _dict(value: dict[Any, Any], depth: int) -> str:
    items = list(dict.items(value))
    shown = [(key, value_text(item, depth + 1)) for key, item in items[:_MOST_ITEMS]]
    more = [f'… {len(items)} items'] if len(items) > _MOST_ITEMS else []
    if all(isinstance(key, str) and key.isidentifier() for key, _ in shown):
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
