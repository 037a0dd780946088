"""What data is made for: the samples of a data set, and an evaluator that reads annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .probe import NoSamples, Probe

_REFETCHES = 20
_IDLE = 12


def samples(config: Any, probe: Probe) -> None:
    """Build a data set as mmengine's runner does, and run its pipeline for the first samples."""
    from mmengine.registry import DATASETS

    dataset = DATASETS.build(config)
    if hasattr(dataset, 'full_init'):
        dataset.full_init()
    _refetch_less(dataset)
    if not len(dataset):
        raise NoSamples('the data set is empty')
    # Samplers ask for any sample: all are looked at, as long as they bring up files that are not there.
    last = 0
    for count, index in enumerate(_far_apart(len(dataset))):
        if count >= probe.images and count - last > _IDLE:
            break
        known = len(probe.made)
        probe.got(count + 1)
        if dataset[index] is None:
            raise NoSamples('the pipeline gives nothing')
        last = count if len(probe.made) > known else last


def _far_apart(length: int) -> Iterator[int]:
    """All numbers below a length, the first few of them far apart: neighbours often have their files in one folder.

    It is the sequence of van der Corput: halves, then quarters, then eighths.
    """
    bits = (length - 1).bit_length()
    for number in range(1 << bits):
        index = int(f'{number:0{bits}b}'[::-1], 2)
        if index < length:
            yield index


def built_evaluator(config: Any, probe: Probe) -> None:
    """Build an evaluator as mmengine's runner does."""
    from mmengine.evaluator import Evaluator
    from mmengine.registry import EVALUATOR

    if isinstance(config, dict) and 'metrics' in config:
        config.setdefault('type', 'Evaluator')
        EVALUATOR.build(config)
    else:
        Evaluator(config)


def _refetch_less(dataset: Any) -> None:
    """A pipeline that gives nothing is tried a thousand times; a few are enough."""
    if hasattr(dataset, 'max_refetch'):
        dataset.max_refetch = min(dataset.max_refetch, _REFETCHES)
    for inner in [getattr(dataset, 'dataset', None), *(getattr(dataset, 'datasets', None) or ())]:
        if inner is not None:
            _refetch_less(inner)
