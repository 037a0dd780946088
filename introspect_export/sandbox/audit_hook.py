"""Listening to what Python audits: files opened, connections asked for.

An audit hook cannot be removed (https://docs.python.org/3/library/sys.html#sys.addaudithook), so one is installed once;
with nobody listening it does one dictionary look-up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Listener = Callable[[tuple[Any, ...]], None]

_listeners: dict[str, list[Listener]] = {}
_installed: list[bool] = []


def _hook(event: str, args: tuple[Any, ...], listeners: dict[str, list[Listener]] = _listeners) -> None:
    """Hand an event to its listeners; the default argument outlives the module's globals at interpreter exit."""
    for listener in tuple(listeners.get(event, ())):
        listener(args)


@contextmanager
def listening(event: str, listener: Listener) -> Iterator[None]:
    """Call ``listener`` with the arguments of every audit event of this name; what it raises stops the action."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    _listeners.setdefault(event, []).append(listener)
    try:
        yield
    finally:
        _listeners[event].remove(listener)
