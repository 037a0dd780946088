"""The step *data*: samples of data sets, and batches of data loaders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...sandbox.faults import sentence
from .determinism import seed_everything
from .plain_trees import encode, storable
from .role_objects import Side

_SAMPLES = 2
_SEEDS = 4
"""The number of seeds with which each training sample is read, since augmentations are random."""


def data(side: Side, overrides: Sequence[Any], parts: Sequence[str]) -> dict[str, Any]:
    """Write the first samples of each part, and the first batch of its data loader.

    Args:
        side: The role.
        overrides: The overrides of the config.
        parts: The parts to read.

    Returns:
        ``file``: the file with the trees by path; ``errors``: the exceptions of parts that cannot be read.
    """
    import torch

    config = side.config(overrides)
    trees: list[list[Any]] = []
    errors: dict[str, str] = {}
    for part in parts:
        try:
            for path, loader in side.loaders(config, part):
                trees += _samples(path, loader, _SEEDS if part == 'train' else 1)
        except (Exception, SystemExit) as error:  # Foreign code may raise anything.
            errors[part] = sentence(error)
    file = side.folder / f'{side.role}.data.pt'
    torch.save([[path, storable(tree)] for path, tree in trees], file)
    return {'file': str(file), 'errors': errors}


def _samples(path: str, loader: Any, seeds: int) -> list[list[Any]]:
    trees = [[f'len({path})', encode(len(loader.dataset))]]
    if hasattr(loader.dataset, 'metainfo'):
        trees.append([f'{path}.metainfo', encode(loader.dataset.metainfo)])
    for index in range(min(_SAMPLES, len(loader.dataset))):
        for number in range(seeds):
            seed_everything(index + number * _SAMPLES)
            place = f'{path}[{index}]' if number == 0 else f'{path}[{index}] with seed {number}'
            trees.append([place, storable(encode(loader.dataset[index]))])
    trees.append([f'{path} batch', storable(encode(batches(loader, 1)[0]))])
    return trees


def batches(loader: Any, count: int) -> list[Any]:
    """Return the first batches of a data loader, which is iterated again if it has fewer.

    Args:
        loader: The data loader.
        count: The number of batches.

    Raises:
        ValueError: The data loader is empty.
    """
    found: list[Any] = []
    while len(found) < count:
        before = len(found)
        seed_everything()
        for batch in loader:
            found.append(batch)
            if len(found) == count:
                break
        if len(found) == before:
            raise ValueError('the data loader gives no batch')
    return found
