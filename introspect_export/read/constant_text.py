"""Unique textual representations of constants, to compare them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_CONSTANTS = (str, bytes, int, float, complex, bool, type(None), type(...))


def constant_text(value: Any, around: tuple[int, ...] = ()) -> str | None:
    """Return a text that is unique to a constant or a container of constants; None for any other value.

    Args:
        value: The value.
        around: The ids of the containers around the value. A container that contains itself has no text, since no
            display makes one.
    """
    if one_of(type(value), _CONSTANTS):
        return repr(value)
    if id(value) in around:
        return None
    around = (*around, id(value))
    if type(value) is dict:
        pairs = [(constant_text(key, around), constant_text(each, around)) for key, each in value.items()]
        known = all(key is not None and each is not None for key, each in pairs)
        return f'{{{", ".join(f"{key}: {each}" for key, each in pairs)}}}' if known else None
    if not one_of(type(value), (tuple, list, set, frozenset)):
        return None
    parts = [text for each in value if (text := constant_text(each, around)) is not None]
    shown = parts if isinstance(value, (tuple, list)) else sorted(parts)
    return f'{type(value).__name__}({", ".join(shown)})' if len(parts) == len(value) else None


def one_of(kind: type, kinds: Iterable[type]) -> bool:
    """Whether a class is one of several, by identity: ``in`` could call an ``__eq__`` that a metaclass defines."""
    return any(kind is each for each in kinds)
