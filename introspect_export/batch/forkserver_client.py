"""Start a fork server, send jobs to it, and end it."""

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

from introspect_export import subprocesses
from introspect_export.model.diagnostics import InternalError
from introspect_export.temporary import temporary_folder

_PROGRAM = Path(__file__).with_name('forkserver.py')
_CHUNK = 1 << 16
_SOCKET = 'socket'
_LONGEST_ADDRESS = 104  # Bytes; Linux takes four more.
_START = 60.0
_END = 10.0
_TAIL = 2000
# A forked child has none of the threads of its server.
_ONE_THREAD = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS')


def send_job(address: str, function: str, timeout: float | None = None, **options: Any) -> dict[str, Any]:
    """Have a server run one job, in this process's working folder, and wait for its answer.

    Args:
        address: The server's socket.
        function: The function to call, as ``module:name``.
        timeout: Seconds after which the job is killed.
        options: ``arguments``, ``in_server`` and ``log``; see ``forkserver``.

    Returns:
        ``{'ok': True, 'value': …}``, or ``{'ok': False, 'kind': …, 'reason': …}``; for a child killed by a signal also
        with ``signal``.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        return _exchange(connection, address, {'function': function, 'arguments': {}, **options}, timeout)


def _exchange(
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
    except TimeoutError:
        return _lost(f'took longer than {timeout:.0f} s')
    except OSError as error:
        return _lost(f'the server that was to do it has ended: {error}')
    lines: list[dict[str, Any]] = [json.loads(line) for line in received.splitlines(True) if line.endswith(b'\n')]
    if not lines:
        return _lost('ended before it was done')
    return lines[0] if 'ok' in lines[0] else _exited(lines[0]['status'])


def _lost(reason: str) -> dict[str, Any]:
    return {'ok': False, 'kind': 'Killed', 'reason': reason, 'trace': ''}


def _exited(status: int) -> dict[str, Any]:
    if not os.WIFSIGNALED(status):
        return _lost(f'ended with status {os.WEXITSTATUS(status)} and no answer')
    name = signal.Signals(os.WTERMSIG(status)).name
    hint = ' (was there too little memory?)' if name == 'SIGKILL' else ''
    return {**_lost(f'killed by signal {name}{hint}'), 'signal': name}


def _address(folder: Path, resources: contextlib.ExitStack) -> str:
    """The path of a server's socket: in its folder, or in ``/tmp`` where that path is too long; see unix(7)."""
    usual = str(folder / _SOCKET)
    if len(os.fsencode(usual)) < _LONGEST_ADDRESS:
        return usual
    return str(resources.enter_context(temporary_folder(Path('/tmp'))) / _SOCKET)


class ForkServer:
    """A fork server owned by this process; threads may send jobs to it concurrently.

    Args:
        path: The server's ``sys.path``; an item None is replaced by the interpreter's default path.
        flags: Options of the interpreter.
        environment: Additional environment variables.
    """

    def __init__(
        self, path: Sequence[str | None], flags: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self._resources = contextlib.ExitStack()
        self._owner = os.getpid()
        folder = self._resources.enter_context(temporary_folder())
        self.address = _address(folder, self._resources)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._log = folder / 'log.txt'
        where = json.dumps(list(path))
        with self._log.open('wb') as log:
            self._process = subprocesses.start(
                [sys.executable, '-W', 'ignore', *flags, str(_PROGRAM), self.address, str(folder), where],
                guarded=False,  # It ends when its standard input is closed, and cleans up by itself.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **dict.fromkeys(_ONE_THREAD, '1'), **(environment or {})},
            )
        self._wait_for_start()

    @property
    def busy(self) -> bool:
        """Whether a job is waited for."""
        return bool(self._open)

    @property
    def alive(self) -> bool:
        """Whether the server runs and is owned by this process, not by one that this process was forked from."""
        return os.getpid() == self._owner and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def call(self, function: str, timeout: float | None = None, **arguments: Any) -> dict[str, Any]:
        """Call a function in a forked child; see ``send_job``."""
        return self._send({'function': function, 'arguments': arguments}, timeout)

    def prepare(self, function: str, **arguments: Any) -> dict[str, Any]:
        """Call a function in the server itself, so that later children inherit its effects; see ``send_job``."""
        return self._send({'function': function, 'arguments': arguments, 'in_server': True}, None)

    def _send(self, request: Mapping[str, Any], timeout: float | None) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as connection:
            with self._lock:
                self._open.add(connection)
            try:
                return _exchange(connection, self.address, request, timeout)
            finally:
                with self._lock:
                    self._open.discard(connection)

    def close(self) -> None:
        """End the server and its jobs; does nothing in a fork of the owning process."""
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
            subprocesses.end(self._process)
        self._resources.close()

    def _wait_for_start(self) -> None:
        end = time.monotonic() + _START
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
                connection.connect(self.address)
                return
            time.sleep(0.01)
        text = self._log.read_text(encoding='utf-8', errors='replace')[-_TAIL:].strip()
        self.close()
        last = text.splitlines()[-1] if text else f'it ended with status {self._process.returncode} and printed nothing'
        raise InternalError(f'a fork server could not be started: {last}\n{text}')
