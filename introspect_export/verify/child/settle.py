"""Leave nothing to chance: seeds, deterministic operations, one thread."""

from __future__ import annotations

import random

SEED = 0


def settle() -> None:
    """Make this process compute the same as any other that does the same."""
    import cv2
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    # With this torch fills memory that nobody initializes with one value, too.
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    # Convolutions that measure which way is the fastest would not choose the same in both processes.
    torch.backends.cudnn.deterministic = True
    sow()


def sow(more: int = 0) -> None:
    """Seed every source of random numbers.

    Args:
        more: Added to the seed, for the next of several things.
    """
    import numpy
    import torch

    random.seed(SEED + more)
    numpy.random.seed(SEED + more)
    torch.manual_seed(SEED + more)
