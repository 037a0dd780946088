"""How often Python looks for circles of garbage while a config is exported."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 200_000
"""New objects between two looks: some megabytes. Python's own number is made for programs that make garbage."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for circles of garbage seldom while the context lasts.

    Importing libraries and reading source make millions of objects that stay; looking through them again and again is
    an eighth of the time of an export. What is not in a circle is freed at once, as always.
    """
    before = gc.get_threshold()
    if before[0]:  # 0: somebody has switched it off.
        gc.set_threshold(max(before[0], _ALLOCATIONS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
