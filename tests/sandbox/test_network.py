"""No network: who asks for it is refused at once, and named."""

from __future__ import annotations

import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from introspect_export.sandbox.network import NetworkRefused, offline


def test_the_network_is_refused_at_once() -> None:
    with offline() as asked:
        # This machine's own address: what is not refused here fails at once as well, with other words.
        with pytest.raises(OSError, match=r'no network while a config is observed: 127\.0\.0\.1 was'):
            urllib.request.urlopen('http://127.0.0.1:9/weights.pth')
        with pytest.raises(NetworkRefused), socket.socket() as connection:
            connection.connect(('127.0.0.1', 9))
    assert asked == ['127.0.0.1', '127.0.0.1:9']
    assert socket.getaddrinfo('localhost', 80)


def test_the_network_is_left_to_threads_that_were_there_before() -> None:
    # The pool's one thread is there, and waits, before the network is refused.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with offline() as asked:
            assert pool.submit(socket.getaddrinfo, 'localhost', 80).result()
        assert asked == []
