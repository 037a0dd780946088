"""Make tiny data for each part of a config that reads any."""

from __future__ import annotations

import copy
import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .consumers import build_evaluator, read_samples
from .dataset_hints import dimensions_of, loaded_keys, scale_of
from .overrides import Key, Override, TinyData, apply
from .pipeline_samples import SampleSearch
from .probe import MadeFile, Probe
from .redirection import Redirection
from .scene import Facts

_SYNTHETIC = 'its pipeline is given synthetic samples, since no files could be made'


def make_tiny_data(
    config: Any,
    root: str | Path,
    *,
    parts: Sequence[str] = ('train', 'val', 'test'),
    images: int = 4,
    shape: tuple[int, int] = (64, 128),
    seed: int = 0,
    without_files: bool = False,
) -> TinyData:
    """Write a few-image data set for each part of a config, in the format that the config's data sets read.

    Args:
        config: The config; its packages are imported and its scope is the default one. It is not changed.
        root: The folder to write, new or empty.
        parts: The parts to make data for.
        images: The number of images of each data set.
        shape: Height and width of the images; larger where the pipeline requires it.
        seed: The same seed gives the same bytes.
        without_files: Whether to give synthetic samples to a pipeline whose data set's files cannot be made. The
            overridden config needs this folder to be importable under the same name.

    Returns:
        The overrides that make a config use the data, and why a part has none.

    Raises:
        FileExistsError: The folder is not empty.
    """
    folder = Path(root).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f'{folder} is not empty')
    maker = _Maker(copy.deepcopy(config), folder, Facts(images, shape, seed), without_files)
    with _seeded(seed):
        for part in parts:
            maker.make(part)
    return maker.result(parts)


class _Maker:
    """Makes the data of the parts of a config, one after the other."""

    def __init__(self, config: Any, folder: Path, facts: Facts, without_files: bool) -> None:
        self._config = config
        self._folder = str(folder)
        self._facts = facts
        self._without_files = without_files
        self._redirection = Redirection(folder)
        self._made: dict[str, MadeFile] = {}
        self._reasons: dict[str, str] = {}
        self._notes: list[str] = []
        self._loading: list[Override] = []
        self._synthetic: list[Override] = []

    def make(self, part: str) -> None:
        """Make the data of one part: of its data sets, then of its evaluators."""
        for path, loader in _sections(self._config, f'{part}_dataloader'):
            reason = self._data_of(loader, path, part)
            self._reasons[part] = self._reasons.get(part, '') or reason
        for path, evaluator in _sections(self._config, f'{part}_evaluator'):
            reason = Probe(self._redirection, self._made, self._facts, evaluator).run(build_evaluator)
            self._notes += [f'{".".join(map(str, path))}: {reason}'] if reason else []

    def _data_of(self, loader: Any, path: tuple[Key, ...], part: str) -> str:
        """Make the data of one loader; why that is not possible, or empty."""
        dataset = loader['dataset']
        facts = replace(
            self._facts,
            scale=scale_of(self._config, dataset),
            keys=tuple(loaded_keys(dataset)),
            dimensions=dimensions_of(dataset),
        )
        reason = Probe(self._redirection, self._made, facts, dataset).run(read_samples)
        self._loading += _small_loading(loader, path, part)
        if not reason or not self._without_files:
            return reason
        search = SampleSearch(loader, path, facts, self._folder)
        small = apply(copy.deepcopy(loader), _small_loading(loader, (), part))
        other = Probe(self._redirection, self._made, facts, small).run(search)
        if not other:
            self._synthetic += search.overrides()
            self._notes.append(f'{part}: {_SYNTHETIC} ({reason})')
            return ''
        return reason if other == reason else f'{reason}; and with synthetic samples: {other}'

    def result(self, parts: Sequence[str]) -> TinyData:
        """The data made for the parts."""
        names = [f'{part}_{section}' for part in parts for section in ('dataloader', 'evaluator')]
        redirected = [one for name in names for one in self._redirection.overrides(self._config.get(name), (name,))]
        overrides = (*self._loading, *redirected, *self._synthetic)
        return TinyData(self._folder, overrides, self._reasons, tuple(self._notes))


def _sections(config: Any, name: str) -> Iterator[tuple[tuple[Key, ...], Any]]:
    """The section under a key, or the sections in the list under it, with their paths."""
    value = config.get(name)
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield (name, index), item
    elif isinstance(value, dict):
        yield (name,), value


def _small_loading(loader: Any, path: tuple[Key, ...], part: str) -> Iterator[Override]:
    """The overrides for loading without worker processes, in small batches."""
    changes: dict[str, Any] = {'num_workers': 0, 'persistent_workers': False}
    # A sampler with a batch size of its own composes batches of several sources.
    if 'batch_size' in loader and 'batch_size' not in (loader.get('sampler') or {}):
        changes['batch_size'] = min(loader['batch_size'] or 2, 2) if part == 'train' else 1
    if loader.get('prefetch_factor') is not None:
        changes['prefetch_factor'] = None
    for key, value in changes.items():
        yield Override((*path, key), value)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the random number generators, and restore their states on exit."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    # mmengine calls ``gc.collect`` whenever it reads a data set: exclude the objects that exist already.
    frozen = gc.get_freeze_count()
    gc.freeze()
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        if not frozen:  # Objects that other code has frozen must stay frozen.
            gc.unfreeze()
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
