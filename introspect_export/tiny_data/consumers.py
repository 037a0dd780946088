"""The consumers of tiny data: data sets with their pipelines, and evaluators that read annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .probe import NoSamples, Probe

_REFETCHES = 20
_IDLE = 12


def read_samples(config: Any, probe: Probe) -> None:
    """Build a data set as mmengine's runner does, and read samples through its pipeline.

    Args:
        config: The config of the data set.
        probe: Learns how many samples could be read.

    Raises:
        NoSamples: The data set is empty, or the pipeline returns None.
    """
    from mmengine.registry import DATASETS

    dataset = DATASETS.build(config)
    if hasattr(dataset, 'full_init'):
        dataset.full_init()
    _limit_refetching(dataset)
    if not len(dataset):
        raise NoSamples('the data set is empty')
    # A sampler can draw any sample: continue as long as further samples need files that do not exist.
    last = 0
    for count, index in enumerate(_van_der_corput(len(dataset))):
        if count >= probe.images and count - last > _IDLE:
            break
        known = len(probe.made)
        probe.got(count + 1)
        if dataset[index] is None:
            raise NoSamples('the pipeline gives nothing')
        last = count if len(probe.made) > known else last


def _van_der_corput(length: int) -> Iterator[int]:
    """All indexes below a length in the order of the van der Corput sequence: halves, then quarters, then eighths.

    Neighbouring samples often have their files in one folder, so the first indexes should be far apart.
    """
    bits = (length - 1).bit_length()
    for number in range(1 << bits):
        index = int(f'{number:0{bits}b}'[::-1], 2)
        if index < length:
            yield index


def build_evaluator(config: Any, probe: Probe) -> None:
    """Build an evaluator as mmengine's runner does."""
    from mmengine.evaluator import Evaluator
    from mmengine.registry import EVALUATOR

    if isinstance(config, dict) and 'metrics' in config:
        config.setdefault('type', 'Evaluator')
        EVALUATOR.build(config)
    else:
        Evaluator(config)


def _limit_refetching(dataset: Any) -> None:
    """Lower ``max_refetch``: a pipeline that returns None is retried 1,000 times by default."""
    if hasattr(dataset, 'max_refetch'):
        dataset.max_refetch = min(dataset.max_refetch, _REFETCHES)
    for inner in [getattr(dataset, 'dataset', None), *(getattr(dataset, 'datasets', None) or ())]:
        if inner is not None:
            _limit_refetching(inner)
