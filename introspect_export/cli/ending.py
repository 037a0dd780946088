"""A command that is asked to end, by SIGTERM or since its terminal is closed, ends as by Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
"""The exit status of a command that was interrupted, as shells have it."""

_REQUESTS = [getattr(signal, name) for name in ('SIGTERM', 'SIGHUP') if hasattr(signal, name)]


class Terminated(KeyboardInterrupt):
    """What is raised in place of an end at once, so that everything is put in order as after Ctrl-C.

    Args:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def interrupted_status(error: BaseException) -> int:
    """The exit status that says what interrupted a command."""
    return error.status if isinstance(error, Terminated) else INTERRUPTED


@contextmanager
def terminable() -> Iterator[None]:
    """Raise ``Terminated`` where the process is asked to end while the context lasts.

    A request that is ignored already (``nohup``) or handled by somebody else is left to them. Processes that are forked
    meanwhile end at once, as ever.
    """
    owner = os.getpid()
    # Only the main thread may say what a signal does.
    main = threading.current_thread() is threading.main_thread()
    ours = [number for number in _REQUESTS if main and signal.getsignal(number) is signal.SIG_DFL]

    def ended(number: int, _: FrameType | None) -> None:
        if os.getpid() != owner:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        for each in ours:  # What is put in order now is not to be disturbed by another request.
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    for number in ours:
        signal.signal(number, ended)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
