"""No network: a download fails at once, and is known by its address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from .audit_hook import listening
from .faults import causes


class NetworkRefused(ConnectionRefusedError):
    """Foreign code asked for the network."""


@contextmanager
def offline(meanwhile: str = 'a config is observed') -> Iterator[list[str]]:
    """Refuse name look-ups and connections of this thread, and of threads it starts, while the context lasts.

    Threads that were there before go on: they are not ours. Sockets inside of the machine (``AF_UNIX``) are left alone.

    Args:
        meanwhile: What goes on, for the message.

    Yields:
        The addresses that were asked for, in order.
    """
    others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
    asked: list[str] = []

    def refuse(address: str) -> None:
        if threading.get_ident() not in others:
            asked.append(address)
            raise NetworkRefused(f'no network while {meanwhile}: {address} was asked for')

    def on_look_up(args: tuple[Any, ...]) -> None:
        refuse(str(args[0]))

    def on_connect(args: tuple[Any, ...]) -> None:
        address = args[1]
        # A Unix socket has a path; the Internet families have (host, port, …).
        if isinstance(address, tuple):
            refuse(':'.join(str(part) for part in address[:2]))

    with ExitStack() as stack:
        stack.enter_context(listening('socket.getaddrinfo', on_look_up))
        stack.enter_context(listening('socket.gethostbyname', on_look_up))
        stack.enter_context(listening('socket.connect', on_connect))
        yield asked


def was_refused(error: BaseException | None) -> bool:
    """Whether an error comes from having no network."""
    return any(
        isinstance(each, NetworkRefused) or isinstance(getattr(each, 'reason', None), NetworkRefused)
        for each in causes(error)
    )
