"""SIGTERM and SIGHUP."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from introspect_export.cli.termination import Terminated, interrupted_status, terminable


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_raised_once(number: int) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # Under nohup, SIGHUP is ignored.
    try:
        with pytest.raises(Terminated) as raised, terminable():
            try:
                os.kill(os.getpid(), number)
            finally:
                os.kill(os.getpid(), number)  # While it puts things in order.
        assert interrupted_status(raised.value) == 128 + number
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_ctrl_c_has_its_own_status() -> None:
    assert interrupted_status(KeyboardInterrupt()) == 130


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminable():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_forked_process_ends_at_once() -> None:
    with terminable():
        child = os.fork()
        if child == 0:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os._exit(1)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM


def test_other_threads_leave_signals_alone() -> None:
    seen: list[object] = []

    def work() -> None:
        with terminable():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]
