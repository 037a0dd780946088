"""Leave nothing to chance: seeds, deterministic operations, one thread."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

SEED = 0

_entropy: list[Iterator[int]] = [itertools.count(1)]
"""What stands in for the numbers of the operating system's: counted, from the last time that everything was seeded."""


def make_deterministic() -> None:
    """Make this process compute the same as any other that does the same.

    Call it once, in a process that does nothing else: generators that are told to seed themselves from the operating
    system (``torch.seed()``, ``numpy.random.default_rng()``) take counted numbers from then on.
    """
    import cv2
    import numpy
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    # With this torch fills memory that nobody initializes with one value, too.
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    # Convolutions that measure which way is the fastest would not choose the same in both processes.
    torch.backends.cudnn.deterministic = True
    for holder in (torch, torch.random):
        vars(holder)['seed'] = _seed_torch
    for module, name in ((random, 'seed'), (numpy.random, 'seed'), (numpy.random, 'default_rng')):
        setattr(module, name, _counted(getattr(module, name)))
    seed_everything()


def seed_everything(more: int = 0) -> None:
    """Seed every source of random numbers.

    Args:
        more: Added to the seed, for the next of several things.
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
    """A function that seeds something, which takes a counted number where it is given none."""

    def seeded(*args: Any, **kwargs: Any) -> Any:
        given = args[0] if args else kwargs.pop('seed', kwargs.pop('a', None))
        return function(next(_entropy[0]) if given is None else given, *args[1:], **kwargs)

    return seeded
