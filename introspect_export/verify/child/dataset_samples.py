"""What data sets and their pipelines give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...sandbox.faults import sentence
from .determinism import seed_everything
from .plain_trees import encode, storable
from .role_objects import Side

_SAMPLES = 2
_SEEDS = 4
"""How often each is read where it is for training: what augmentations do depends on chance."""


def data(side: Side, overrides: Sequence[Any], parts: Sequence[str]) -> dict[str, Any]:
    """Write the first samples of each part, and the first batch of its data loader.

    Args:
        side: The role.
        overrides: What to replace in the config.
        parts: The parts to look at.

    Returns:
        ``file``: the trees by path; ``errors``: what was raised instead, by part.
    """
    import torch

    config = side.config(overrides)
    trees: list[list[Any]] = []
    errors: dict[str, str] = {}
    for part in parts:
        try:
            for path, loader in side.loaders(config, part):
                trees += _samples(path, loader, _SEEDS if part == 'train' else 1)
        except (Exception, SystemExit) as error:  # Libraries' code fails in its own ways.
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
    """The first batches of a data loader, going around it again where it has fewer.

    Raises:
        ValueError: It has none.
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
