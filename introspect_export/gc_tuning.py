"""How often Python looks for circles of garbage while a config is exported."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 2_000_000
"""New objects between two looks. Importing torch and a library makes about a million and a half that stay."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for circles of garbage seldom while the context lasts.

    Importing libraries and reading source make millions of objects that stay; looking through them again and again is
    a fifth of the time of an export. What is not in a circle is freed at once, as always. Afterwards all that is new
    counts as old, which it is: else the first look, at the end, would go through all of it.
    """
    before = gc.get_threshold()
    if before[0]:  # 0: somebody has switched it off.
        gc.set_threshold(max(before[0], _ALLOCATIONS), *before[1:])
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # What somebody else has frozen stays frozen.
            gc.freeze()
            gc.unfreeze()
        gc.set_threshold(*before)
