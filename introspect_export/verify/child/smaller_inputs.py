"""Overrides of a config for smaller images and shorter clips, with which models can be compared in less time.

The sizes that a pipeline crops or pads to, and those that the data preprocessor pads to, are divided by four; a box
that an image is resized into with its ratio kept, by two. Long clips are cut to a few frames, and of a video fewer
clips are taken. A model that accepts only one size or length fails with these overrides, and is then run without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .role_objects import PARTS

_FROM, _STEP = 256, 32
_BY, _BY_FOR_BOXES = 4, 2
_LONG, _SHORT = 8, 5
_KEEPS_RATIO = 'keep_ratio'
_LENGTHS = re.compile(r'(^|_)(frames|seq_len)$')
_CLIPS = 'num_clips'
_LISTS = ('pipeline', 'transforms')

Path = tuple[Any, ...]


def shrunk(config: Any) -> list[list[dict[str, Any]]]:
    """Return alternative overrides, in the order to try: smaller images with shorter clips, then only smaller images.

    Args:
        config: The config.
    """
    smaller, shorter = list(_smaller(config)), list(_shorter(config))
    ways = [[*smaller, *shorter], smaller] if shorter else [smaller]
    return [way for way in ways if way]


def _shorter(config: Any) -> Iterator[dict[str, Any]]:
    for part in PARTS:
        loader = config.get(f'{part}_dataloader')
        yield from ({'path': path, 'value': _SHORT} for path in _lengths(loader, (f'{part}_dataloader',)))
        for place in _pipelines(loader, (f'{part}_dataloader',)):
            for index, transform in enumerate(_at(config, place)):
                clips = transform.get(_CLIPS) if isinstance(transform, dict) else None
                if type(clips) is int and clips > _LONG:
                    yield {'path': [*place, index, _CLIPS], 'value': _SHORT}


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _lengths(value: Any, path: Path) -> Iterator[list[Any]]:
    """The paths of options for the number of frames of a sample."""
    if isinstance(value, (dict, list)):
        items: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            if isinstance(key, str) and _LENGTHS.search(key) and type(item) is int and item > _LONG:
                yield [*path, key]
            elif key not in _LISTS:
                yield from _lengths(item, (*path, key))


def _smaller(config: Any) -> Iterator[dict[str, Any]]:
    for path in _places(config):
        sizes = _sizes(_at(config, path))
        yield from ({'path': [*path, *below], 'value': small} for below, small in sizes)


def _places(config: Any) -> Iterator[Path]:
    """The paths of values with image sizes that the model itself does not depend on."""
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
    elif isinstance(value, list):  # Items of a tuple cannot be replaced individually.
        for index, item in enumerate(value):
            yield from _sizes(item, (*path, index), by)


def _is_size(value: Any) -> bool:
    pair = isinstance(value, (list, tuple)) and len(value) == 2
    return pair and all(type(each) is int and abs(each) >= _FROM for each in value)


def _divided(number: int, by: int) -> int:
    size = max(_STEP, round(abs(number) / by / _STEP) * _STEP)
    return size if number > 0 else -size
