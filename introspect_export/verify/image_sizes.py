"""The heights and widths of generated images, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Sequence

SHAPE = (40, 640)
"""A small image, much wider than high, so that a resize to 1333x800 that keeps the ratio leaves it small."""
SQUARE = (288, 288)
SMALL = (64, 64)
"""For pipelines that do not resize, if ``SHAPE`` takes too much time or memory."""

_SIZES = 2
"""The number of sizes from the model's options that are tried."""


def others(sizes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the shapes to try if a model does not accept the first one.

    Args:
        sizes: The heights and widths that the model's options name.
    """
    return [SQUARE, *sizes[:_SIZES]]
