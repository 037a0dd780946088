"""Tuning of Python's cyclic garbage collector for an export."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 2_000_000
"""The collection threshold, in allocations. Importing torch and a library makes about 1.5 million lasting objects."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Collect cyclic garbage rarely while the context lasts.

    Importing libraries and parsing source make millions of objects that stay alive; with the default threshold, the
    collector traverses them again and again, for a fifth of the time of an export. Reference counting is unaffected. On
    exit, all objects are moved to the oldest generation, so that restoring the threshold does not trigger a traversal
    of all of them.
    """
    before = gc.get_threshold()
    if before[0]:  # 0: automatic collection is disabled.
        gc.set_threshold(max(before[0], _ALLOCATIONS), *before[1:])
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # Objects that other code has frozen must stay frozen.
            # ``unfreeze`` moves frozen objects to the oldest generation.
            gc.freeze()
            gc.unfreeze()
        gc.set_threshold(*before)
