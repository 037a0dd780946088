"""Deterministic execution: seeds, deterministic operations, one thread."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

SEED = 0

_entropy: list[Iterator[int]] = [itertools.count(1)]
"""The seeds used in place of the operating system's entropy: counted since the last call of ``seed_everything``."""


def make_deterministic() -> None:
    """Make the computations of this process deterministic.

    It must be called only once, and permanently patches functions that seed a generator from the operating system
    (``torch.seed()``, ``numpy.random.default_rng()``): they use counted seeds from then on.
    """
    import cv2
    import numpy
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    # It also makes torch fill uninitialized memory (``torch.empty``) with a fixed value.
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    # Otherwise convolutions may choose different algorithms in the two processes.
    torch.backends.cudnn.deterministic = True
    for holder in (torch, torch.random):
        vars(holder)['seed'] = _seed_torch
    for module, name in ((random, 'seed'), (numpy.random, 'seed'), (numpy.random, 'default_rng')):
        setattr(module, name, _counted(getattr(module, name)))
    seed_everything()


def seed_everything(more: int = 0) -> None:
    """Seed every source of random numbers.

    Args:
        more: A number to add to the seed, for a further sample.
    """
    import numpy
    import torch

    random.seed(SEED + more)
    numpy.random.seed(SEED + more)
    torch.manual_seed(SEED + more)
    _entropy[0] = itertools.count(1)


def _seed_torch() -> int:
    import torch

    seed = next(_entropy[0])
    torch.manual_seed(seed)
    return seed


def _counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function that seeds a generator, to use a counted seed if it is called without one."""

    def seeded(*args: Any, **kwargs: Any) -> Any:
        seed = args[0] if args else kwargs.pop('seed', kwargs.pop('a', None))
        return function(next(_entropy[0]) if seed is None else seed, *args[1:], **kwargs)

    return seeded
