"""End a command on SIGTERM and SIGHUP as on Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
"""The exit status of a command ended by Ctrl-C, by the convention of shells."""

_REQUESTS = [getattr(signal, name) for name in ('SIGTERM', 'SIGHUP') if hasattr(signal, name)]


class Terminated(KeyboardInterrupt):
    """Raised on a signal in place of its default action, so that cleanup runs as after Ctrl-C.

    Args:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def interrupted_status(error: BaseException) -> int:
    """The exit status for an interrupted command."""
    return error.status if isinstance(error, Terminated) else INTERRUPTED


@contextmanager
def terminable() -> Iterator[None]:
    """Raise ``Terminated`` on SIGTERM and SIGHUP while the context lasts.

    Signals that are already ignored (``nohup``) or handled are not changed. Forked processes have the default
    action.
    """
    owner = os.getpid()
    # Only the main thread may set signal handlers.
    main = threading.current_thread() is threading.main_thread()
    ours = [number for number in _REQUESTS if main and signal.getsignal(number) is signal.SIG_DFL]

    def ended(number: int, _: FrameType | None) -> None:
        if os.getpid() != owner:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        for each in ours:  # Further signals must not interrupt the cleanup.
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    for number in ours:
        signal.signal(number, ended)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
