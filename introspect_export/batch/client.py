"""The client's side of a fork server: start one, have it do jobs, end it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from introspect_export import programs
from introspect_export.model.diagnostics import InternalError
from introspect_export.scratch import held_folder

_PROGRAM = Path(__file__).with_name('forkserver.py')
_CHUNK = 1 << 16
_SOCKET = 'socket'
_LONGEST_ADDRESS = 104  # Bytes; Linux takes four more.
_START = 60.0
_END = 10.0
_TAIL = 2000
# A child must be able to go on without the threads of the server that it was forked from.
_ONE_THREAD = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS')


def ask(address: str, function: str, timeout: float | None = None, **request: Any) -> dict[str, Any]:
    """Have a server do one job, in the folder that this process works in, and wait for it.

    Args:
        address: The server's socket.
        function: ``module:name``, to be called with the arguments.
        timeout: Seconds after which the job is ended.
        request: ``arguments``, ``here`` and ``log``; see ``forkserver``.

    Returns:
        ``{'ok': True, 'value': …}``, or ``{'ok': False, 'kind': …, 'reason': …}``: also for a child that was killed,
        with the ``signal``.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        return _asked(connection, address, {'function': function, 'arguments': {}, **request}, timeout)


def _asked(
    connection: socket.socket, address: str, request: Mapping[str, Any], timeout: float | None
) -> dict[str, Any]:
    end = time.monotonic() + timeout if timeout is not None else None
    received = b''
    try:
        connection.connect(address)
        connection.sendall(json.dumps({'folder': os.getcwd(), **request}).encode() + b'\n')
        while True:
            connection.settimeout(max(end - time.monotonic(), 0.001) if end is not None else None)
            more = connection.recv(_CHUNK)
            if not more:
                break
            received += more
    except TimeoutError:  # ``TimeoutError`` since Python 3.10.
        return _killed(f'took longer than {timeout:.0f} s')
    except OSError as error:
        return _killed(f'the server that was to do it has ended: {error}')
    lines: list[dict[str, Any]] = [json.loads(line) for line in received.splitlines(True) if line.endswith(b'\n')]
    if not lines:
        return _killed('ended before it was done')
    return lines[0] if 'ok' in lines[0] else _ended(lines[0]['status'])


def _killed(reason: str) -> dict[str, Any]:
    return {'ok': False, 'kind': 'Killed', 'reason': reason, 'trace': ''}


def _ended(status: int) -> dict[str, Any]:
    if not os.WIFSIGNALED(status):
        return _killed(f'ended with status {os.WEXITSTATUS(status)} and no answer')
    name = signal.Signals(os.WTERMSIG(status)).name
    hint = ' (was there too little memory?)' if name == 'SIGKILL' else ''
    return {**_killed(f'killed by signal {name}{hint}'), 'signal': name}


def _address(folder: Path, left: contextlib.ExitStack) -> str:
    """Where a server's socket is: in its folder, unless that makes too long an address; see unix(7)."""
    usual = str(folder / _SOCKET)
    if len(os.fsencode(usual)) < _LONGEST_ADDRESS:
        return usual
    return str(left.enter_context(held_folder(Path('/tmp'))) / _SOCKET)


class ForkServer:
    """A server process of this process's own; any number of threads may ask it at the same time.

    Args:
        path: What the server looks for modules on; None among it stands for what its Python has of its own.
        flags: Options of its Python.
        environment: Variables that it has beside those of this process.
    """

    def __init__(
        self, path: Sequence[str | None], flags: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self._left = contextlib.ExitStack()
        self._owner = os.getpid()
        folder = self._left.enter_context(held_folder())
        self.address = _address(folder, self._left)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._log = folder / 'log.txt'
        where = json.dumps(list(path))
        with self._log.open('wb') as log:
            self._process = programs.start(
                [sys.executable, '-W', 'ignore', *flags, str(_PROGRAM), self.address, str(folder), where],
                guarded=False,  # It ends with its standard input, and puts in order what it leaves.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **dict.fromkeys(_ONE_THREAD, '1'), **(environment or {})},
            )
        self._wait_for_start()

    @property
    def busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._open)

    @property
    def alive(self) -> bool:
        """Whether the server has not ended, and is this process's: a fork of this process has servers of its own."""
        return os.getpid() == self._owner and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def call(self, function: str, timeout: float | None = None, **arguments: Any) -> dict[str, Any]:
        """Have a child call a function; see ``ask``."""
        return self._ask({'function': function, 'arguments': arguments}, timeout)

    def prepare(self, function: str, **arguments: Any) -> dict[str, Any]:
        """Have the server itself call a function, so that later children have what it leaves; see ``ask``."""
        return self._ask({'function': function, 'arguments': arguments, 'here': True}, None)

    def _ask(self, request: Mapping[str, Any], timeout: float | None) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as connection:
            with self._lock:
                self._open.add(connection)
            try:
                return _asked(connection, self.address, request, timeout)
            finally:
                with self._lock:
                    self._open.discard(connection)

    def close(self) -> None:
        """End the server and what it is doing; in a fork of the process that started it, do nothing."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.terminate()
            self._process.wait(timeout=_END)
        except subprocess.TimeoutExpired:
            programs.end(self._process)
        self._left.close()

    def _wait_for_start(self) -> None:
        end = time.monotonic() + _START
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
                connection.connect(self.address)
                return
            time.sleep(0.01)
        text = self._log.read_text(encoding='utf-8', errors='replace')[-_TAIL:].strip()
        self.close()
        last = text.splitlines()[-1] if text else f'it ended with status {self._process.returncode} and said nothing'
        raise InternalError(f'a fork server could not be started: {last}\n{text}')
