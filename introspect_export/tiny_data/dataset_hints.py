"""Properties of the data that its consumers declare: classes, keypoints, file suffixes, keys of samples, scales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .scene import Facts

_SCALES = ('scale', 'upscale_factor', 'upscale', 'scale_factor')
_LARGEST = 16


def facts_declared_by(consumer: Any, facts: Facts) -> Facts:
    """The facts, with the classes, keypoints and file names declared by the data set or metric that reads the data."""
    meta = getattr(consumer, 'metainfo', None) or getattr(consumer, 'dataset_meta', None) or {}
    classes = meta.get('classes') or meta.get('CLASSES') or ()
    values = vars(consumer).values() if hasattr(consumer, '__dict__') else ()
    texts = [text for value in values for text in (value if isinstance(value, tuple) else (value,))]
    return replace(
        facts,
        classes=_texts(classes),
        numbered=_texts((getattr(type(consumer), 'METAINFO', None) or {}).get('classes') or ()),
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
    """The ratio of the ground truth's size to the input's in an image pair, from the pipeline, the config or the model.

    Args:
        config: The whole config.
        dataset: The config of the data set.

    Returns:
        The ratio; 1 where none is configured.
    """
    pipelines = [loader.get('dataset') for loader in (config.get('train_dataloader'),) if isinstance(loader, dict)]
    for section in (dataset, {key: config.get(key) for key in _SCALES}, *pipelines, config.get('model')):
        for value in _scales(section):
            return value
    return 1


def dimensions_of(value: Any) -> int:
    """The number of coordinates and features that a pipeline loads of each point: its first ``load_dim``, or else 4."""
    return next((each['load_dim'] for each in _dicts(value) if isinstance(each.get('load_dim'), int)), 4)


def _scales(value: Any) -> Iterator[int]:
    """The plausible integers under the keys that name a scale."""
    for each in _dicts(value):
        for key, item in each.items():
            if key in _SCALES and isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= _LARGEST:
                yield item


def loaded_keys(value: Any) -> Iterator[str]:
    """The keys of a sample that the transforms of a config load: the values of their ``key`` and ``keys``."""
    for each in _dicts(value):
        for name in ('key', 'keys'):
            item = each.get(name)
            yield from [item] if isinstance(item, str) else [one for one in item or () if isinstance(one, str)]


def _dicts(value: Any) -> Iterator[dict[Any, Any]]:
    """All dictionaries of a config, outer ones before those inside of them."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _dicts(item)
