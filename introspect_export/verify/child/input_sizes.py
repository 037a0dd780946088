"""The input sizes in a model's options, since some models accept images of one size only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_INPUT_SIZE = re.compile(r'(^|_)(in|img|image|input)_(size|resolution)$')


def named_sizes(options: Any) -> list[tuple[int, int]]:
    """Return all heights and widths in the options of a model, the smallest first.

    Args:
        options: The model's section of the config.
    """
    return sorted(set(_sizes(options)))


def _sizes(options: Any) -> Iterator[tuple[int, int]]:
    for key, value in options.items() if isinstance(options, Mapping) else enumerate(options):
        if isinstance(value, (Mapping, list, tuple)) and not _size(value):
            yield from _sizes(value)
        elif isinstance(key, str) and _INPUT_SIZE.search(key):
            yield from _size(value)


def _size(value: Any) -> list[tuple[int, int]]:
    """The height and width in a value, equal for a single number; empty for another value."""
    pair = value if isinstance(value, (list, tuple)) else [value, value]
    return [(pair[0], pair[1])] if len(pair) == 2 and all(type(one) is int and one > 0 for one in pair) else []
