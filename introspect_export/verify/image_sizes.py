"""The heights and widths of made-up pictures, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Sequence

SHAPE = (40, 640)
"""A small picture, much wider than high: a resize that keeps the ratio up to 1333x800 leaves it small."""
SQUARE = (288, 288)
SMALL = (64, 64)
"""For what takes too much with the first: nothing resizes its pictures, so these are smaller."""

_SIZES = 2
"""How many of the sizes that a model names are tried."""


def others(sizes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The shapes to try where a model does not do with the first, by the sizes that its options name."""
    return [SQUARE, *sizes[:_SIZES]]
