"""Find out that something does not come to an end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .watch import Watch

LONGEST = 6.0
"""How many seconds are too many."""


class EndlessError(Exception):
    """Code computes for so long without reading anything that it will hardly end."""


@contextmanager
def ending(watch: Watch) -> Iterator[None]:
    """End code that takes many seconds of a processor's time in which nothing is asked for.

    Only the main thread can be ended, and only where the system has such a timer; elsewhere nothing happens.

    Args:
        watch: Takes down what is asked for.

    Raises:
        EndlessError: In the code, wherever it is then.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, 'setitimer'):
        yield
        return
    known = [len(watch.asks)]

    def look(*_: Any) -> None:
        if len(watch.asks) == known[0]:
            raise EndlessError('it computes without end')
        known[0] = len(watch.asks)

    before = signal.signal(signal.SIGVTALRM, look)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
