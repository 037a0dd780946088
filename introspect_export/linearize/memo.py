"""A cache of results per module, for as long as the module object exists."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TypeVar

from introspect_export.model import SourceModule

T = TypeVar('T')


def per_module(compute: Callable[[SourceModule], T]) -> Callable[[SourceModule], T]:
    """Decorate a function so that it computes its result once for each module object.

    Modules are compared by identity, since hashing and comparing their content would be slow.
    """
    known: dict[int, tuple[weakref.ref[SourceModule], T]] = {}

    @functools.wraps(compute)
    def remembered(module: SourceModule) -> T:
        key = id(module)
        found = known.get(key)
        if found is not None and found[0]() is module:
            return found[1]
        value = compute(module)
        known[key] = (weakref.ref(module, lambda _: known.pop(key, None)), value)
        return value

    return remembered
