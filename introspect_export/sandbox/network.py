"""Blocks the network: name look-ups and connections fail immediately, and their addresses are recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from .audit_hook import listening
from .faults import causes


class NetworkRefused(ConnectionRefusedError):
    """Foreign code tried to use the network."""


@contextmanager
def offline(meanwhile: str = 'a config is observed') -> Iterator[list[str]]:
    """Refuse name look-ups and connections of this thread, and of threads started meanwhile, while the context lasts.

    Threads that existed before are not affected, since they run other code; nor are Unix domain sockets.

    Args:
        meanwhile: The current activity, for the message.

    Yields:
        The addresses that were refused, in order; it grows.
    """
    # By identifier with the thread, since the system may give that of an ended one to a new thread.
    others = {thread.ident: thread for thread in threading.enumerate() if thread is not threading.current_thread()}
    refused: list[str] = []

    def refuse(address: str) -> None:
        other = others.get(threading.get_ident())
        if other is None or not other.is_alive():
            refused.append(address)
            raise NetworkRefused(f'no network while {meanwhile}: {address} was asked for')

    def on_look_up(args: tuple[Any, ...]) -> None:
        refuse(str(args[0]))

    def on_connect(args: tuple[Any, ...]) -> None:
        address = args[1]
        # The address of a Unix domain socket is a path; those of the Internet families are (host, port, …).
        if isinstance(address, tuple):
            refuse(':'.join(str(part) for part in address[:2]))

    with ExitStack() as stack:
        stack.enter_context(listening('socket.getaddrinfo', on_look_up))
        stack.enter_context(listening('socket.gethostbyname', on_look_up))
        stack.enter_context(listening('socket.connect', on_connect))
        yield refused


def was_refused(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised from, is due to the blocked network."""
    return any(
        isinstance(each, NetworkRefused) or isinstance(getattr(each, 'reason', None), NetworkRefused)
        for each in causes(error)
    )
