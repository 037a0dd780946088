"""Build with real tensors until they take too much memory, and then once more with large ones that hold no values.

What makes tensors without values (``verify.child.unallocated``) sees every operation of torch, which costs, and has
torch import its compiler. Most models need none of it: for them their parameters and buffers are counted, no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

import torch

from introspect_export.verify.child.unallocated import Watch, built, registering

Build = Callable[[Watch], Any]


class NoRoom(BaseException):
    """There is too little memory for real tensors; not an error of the code that is running, which may catch those."""


def built_in_memory(device: str, build: Build) -> tuple[Any, tuple[str, ...]]:
    """Build something on a device; see ``unallocated.built``.

    Args:
        device: ``cpu``, ``meta``, or ``auto``: ``cpu`` where there is room for it, else ``meta``.
        build: Builds it, from the beginning each time.

    Returns:
        What was built last, and the classes whose tensors had to be real although there was no room.
    """
    if device != 'auto':
        return built(device, build)
    try:
        with _counted():
            return built('cpu', build)
    except NoRoom:
        return built('meta', build)


@contextmanager
def _counted() -> Iterator[None]:
    """Raise NoRoom in the midst of building when parameters and buffers take more than their share."""
    watch = Watch(frozenset(), active=False)

    def count(tensor: torch.Tensor | None) -> None:
        watch.count(tensor)
        if watch.active:
            raise NoRoom

    with registering(count):
        yield
