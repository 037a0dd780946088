"""Interrupt code that does not terminate."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .file_requests import RequestLog

LIMIT = 6.0
"""Seconds of CPU time without a file request after which code is interrupted."""


class EndlessError(Exception):
    """Code has used CPU time for so long without a file request that it is taken to loop forever."""


@contextmanager
def interrupting(log: RequestLog) -> Iterator[None]:
    """Interrupt code that uses ``LIMIT`` seconds of CPU time without adding to a request log.

    Does nothing outside of the main thread and on systems without ``signal.setitimer``.

    Args:
        log: The log of file requests.

    Raises:
        EndlessError: In the interrupted code.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, 'setitimer'):
        yield
        return
    known = [len(log.requests)]

    def check(*_: Any) -> None:
        if len(log.requests) == known[0]:
            raise EndlessError('it computes without end')
        known[0] = len(log.requests)

    before = signal.signal(signal.SIGVTALRM, check)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
