"""Temporary listeners for Python's audit events, such as opening a file or connecting a socket.

An audit hook cannot be removed (https://docs.python.org/3/library/sys.html#sys.addaudithook), so one is installed once;
without listeners it costs one dictionary look-up per event.
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
    """Pass an event to its listeners."""
    # The hook is still called at interpreter exit, when the module's globals are gone; the default argument is not.
    for listener in tuple(listeners.get(event, ())):
        listener(args)


@contextmanager
def listening(event: str, listener: Listener) -> Iterator[None]:
    """Call a listener for every audit event of one name while the context lasts.

    Args:
        event: The name of the event.
        listener: Called with the event's arguments; an exception that it raises prevents the audited action.
    """
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    _listeners.setdefault(event, []).append(listener)
    try:
        yield
    finally:
        _listeners[event].remove(listener)
