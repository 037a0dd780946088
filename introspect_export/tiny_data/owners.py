"""What somebody who reads data says about it: classes, keypoints, endings of names, keys of samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .scene import Facts

_SCALES = ('scale', 'upscale_factor', 'upscale', 'scale_factor')
_LARGEST = 16


def asked_by(owner: Any, facts: Facts) -> Facts:
    """The facts, with what the one who asks says about itself."""
    meta = getattr(owner, 'metainfo', None) or getattr(owner, 'dataset_meta', None) or {}
    classes = meta.get('classes') or meta.get('CLASSES') or ()
    values = vars(owner).values() if hasattr(owner, '__dict__') else ()
    texts = [text for value in values for text in (value if isinstance(value, tuple) else (value,))]
    return replace(
        facts,
        classes=_texts(classes),
        countable=_texts(meta.get('thing_classes') or ()),
        keypoints=int(meta.get('num_keypoints') or 0),
        suffixes=tuple(text for text in texts if isinstance(text, str) and _is_suffix(text)),
        templates=tuple((key, item) for value in values if isinstance(value, dict) for key, item in _templates(value)),
    )


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(one for one in values if isinstance(one, str))


def _templates(value: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if isinstance(key, str) and isinstance(item, str) and item.count('{}') == 1 and item != '{}':
            yield key, item


def _is_suffix(text: str) -> bool:
    return text[:1] in ('.', '_') and '/' not in text and '.' in text


def scale_of(config: Any, dataset: Any) -> int:
    """How many times larger a pair's ground truth is, as the pipeline says, or the config, or the model."""
    pipelines = [loader.get('dataset') for loader in (config.get('train_dataloader'),) if isinstance(loader, dict)]
    for section in (dataset, {key: config.get(key) for key in _SCALES}, *pipelines, config.get('model')):
        for value in _numbers(section):
            return value
    return 1


def _numbers(value: Any) -> Iterator[int]:
    """Every whole number under a key that tells a scale."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _SCALES and isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= _LARGEST:
                yield item
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)


def loaded_keys(value: Any) -> Iterator[str]:
    """What the transforms of a config load, by the ``key`` or ``keys`` that they name."""
    if isinstance(value, dict):
        for name in ('key', 'keys'):
            item = value.get(name)
            yield from [item] if isinstance(item, str) else [one for one in item or () if isinstance(one, str)]
        for item in value.values():
            yield from loaded_keys(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from loaded_keys(item)
