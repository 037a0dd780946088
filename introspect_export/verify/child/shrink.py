"""Smaller pictures: what a model computes can be compared on these as well, and in a fraction of the time.

The sizes that a pipeline crops or pads to, and those that the data preprocessor pads to, are divided by four; a box
that a picture is resized to while it keeps its proportions, by two. A model that wants pictures of one size fails with
these, and is given the size it wants then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .side import PARTS

_FROM, _STEP = 256, 32
_BY, _BY_FOR_BOXES = 4, 2
_KEEPS_RATIO = 'keep_ratio'
_LISTS = ('pipeline', 'transforms')

Path = tuple[Any, ...]


def shrunk(config: Any) -> list[dict[str, Any]]:
    """The overrides of a config that make its pictures smaller."""
    found = []
    for path in _places(config):
        value: Any = config
        for key in path:
            value = value[key]
        found += [{'path': [*path, *below], 'value': small} for below, small in _sizes(value)]
    return found


def _places(config: Any) -> Iterator[Path]:
    """Where sizes of pictures stand that no part of the model knows."""
    for path in (('data_preprocessor',), ('model', 'data_preprocessor')):
        holder = config.get('model') if len(path) > 1 else config
        if isinstance(holder, dict) and isinstance(holder.get(path[-1]), dict):
            yield path
    for part in PARTS:
        yield from _pipelines(config.get(f'{part}_dataloader'), (f'{part}_dataloader',))


def _pipelines(value: Any, path: Path) -> Iterator[Path]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key in _LISTS and isinstance(item, list):
            yield (*path, key)
        else:
            yield from _pipelines(item, (*path, key))


def _sizes(value: Any, path: Path = (), by: int = _BY) -> Iterator[tuple[Path, Any]]:
    if _is_size(value):
        yield path, type(value)(_divided(each, by) for each in value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _sizes(item, (*path, key), _BY_FOR_BOXES if value.get(_KEEPS_RATIO) is True else _BY)
    elif isinstance(value, list):  # What is inside of a tuple cannot be replaced by itself.
        for index, item in enumerate(value):
            yield from _sizes(item, (*path, index), by)


def _is_size(value: Any) -> bool:
    pair = isinstance(value, (list, tuple)) and len(value) == 2
    return pair and all(type(each) is int and abs(each) >= _FROM for each in value)


def _divided(number: int, by: int) -> int:
    size = max(_STEP, round(abs(number) / by / _STEP) * _STEP)
    return size if number > 0 else -size
