"""Make tiny data for each part of a config that reads any."""

from __future__ import annotations

import copy
import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .facts import Key, Override, TinyData, apply
from .growth import Growth
from .owners import loaded_keys, scale_of
from .probe import Made, Probe
from .redirect import Redirection
from .scene import Facts
from .uses import built_evaluator, samples

_GIVEN = 'its pipeline is given samples made by what it asks for, since no files could be made'


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
        parts: For which parts.
        images: How many images each data set has.
        shape: Height and width of the images; more where the pipeline wants more.
        seed: The same seed gives the same bytes.
        without_files: Whether to give a pipeline samples made by what it asks for, where the files that its data set
            reads cannot be made. The config then needs this folder to be importable under the same name.

    Returns:
        How the config is led to the data, and why a part has none.

    Raises:
        FileExistsError: The folder holds something.
    """
    folder = Path(root).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f'{folder} is not empty')
    plain = copy.deepcopy(config)
    redirection = Redirection(folder)
    reasons: dict[str, str] = {}
    overrides: list[Override] = []
    grown: list[Override] = []
    notes: list[str] = []
    made: dict[str, Made] = {}
    with _same_chance(seed):
        for part in parts:
            for path, loader in sections(plain, f'{part}_dataloader'):
                dataset = loader['dataset']
                told = Facts(images, shape, seed, scale=scale_of(plain, dataset), keys=tuple(loaded_keys(dataset)))
                reason = Probe(redirection, made, told, dataset).run(samples)
                overrides += _loading(loader, path, part)
                if reason and without_files:
                    growth = Growth(loader, path, told, str(folder))
                    small = apply(copy.deepcopy(loader), _loading(loader, (), part))
                    other = Probe(redirection, made, told, small).run(growth)
                    grown += [] if other else growth.overrides()
                    notes += [] if other else [f'{part}: {_GIVEN} ({reason})']
                    also = f'; and where its pipeline is given what it asks for: {other}' if other != reason else ''
                    reason = other and reason + also
                reasons[part] = reasons.get(part, '') or reason
            for path, evaluator in sections(plain, f'{part}_evaluator'):
                note = Probe(redirection, made, Facts(images, shape, seed), evaluator).run(built_evaluator)
                notes += [f'{".".join(map(str, path))}: {note}'] if note else []
    for part in parts:
        for name in (f'{part}_dataloader', f'{part}_evaluator'):
            overrides += redirection.overrides(plain.get(name), (name,))
    return TinyData(str(folder), (*overrides, *grown), reasons, tuple(notes))


def sections(config: Any, name: str) -> Iterator[tuple[tuple[Key, ...], Any]]:
    """The section under a key, or each of the several that are there."""
    value = config.get(name)
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield (name, index), item
    elif isinstance(value, dict):
        yield (name,), value


def _loading(loader: Any, path: tuple[Key, ...], part: str) -> Iterator[Override]:
    """No worker processes, and small batches."""
    changes: dict[str, Any] = {'num_workers': 0, 'persistent_workers': False}
    # A sampler that is told the size, too, mixes each batch of several sources.
    if 'batch_size' in loader and 'batch_size' not in (loader.get('sampler') or {}):
        changes['batch_size'] = min(loader['batch_size'] or 2, 2) if part == 'train' else 1
    if loader.get('prefetch_factor') is not None:
        changes['prefetch_factor'] = None
    for key, value in changes.items():
        yield Override((*path, key), value)


@contextmanager
def _same_chance(seed: int) -> Iterator[None]:
    """Probing draws the same random numbers everywhere, and leaves the caller's alone."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    # mmengine collects garbage whenever it reads a data set; what is there already is none.
    gc.freeze()
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        gc.unfreeze()
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
