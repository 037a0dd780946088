"""A fork server: a process that imports modules once and forks a child for each job.

It is run by its path, so that the package around it is not imported: ``python forkserver.py SOCKET FOLDER PATH``.
``FOLDER`` is for the temporary files of jobs; ``PATH`` is the new ``sys.path`` as JSON, where null is replaced by the
old one. Each connection to the socket is one job, a line of JSON::

    {"function": "module:name", "arguments": {…}, "folder": "/working/folder", "in_server": false, "log": "file"}

and is answered with a line ``{"ok": true, "value": …}`` or ``{"ok": false, "kind": …, "reason": …, "trace": …}``, then
with the exit status of the child, ``{"status": …}``. A job with ``in_server`` is run by the server itself, and later
children inherit its effects. Closing a connection kills its job. The server ends when its standard input is closed. The
temporary files of a child are removed however it ended. Children are killed when the server ends, also when it is
killed: by a *keeper* process, which is forked before anything is imported.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

_CHUNK = 1 << 16


class _Child(NamedTuple):
    """The connection of a job, and the folder of its temporary files."""

    connection: socket.socket
    folder: str


class Keeper:
    """A process that kills the remaining children when the server has ended.

    It also terminates the server when its standard input is closed, which the server does not notice during a job that
    it runs itself.
    """

    def __init__(self) -> None:
        server = os.getpid()
        messages, self._pipe = os.pipe()
        if os.fork() == 0:
            os.setsid()  # It must survive a kill of the server's process group.
            os.close(self._pipe)
            nothing = os.open(os.devnull, os.O_WRONLY)
            for descriptor in (1, 2):
                os.dup2(nothing, descriptor)
            _keep(messages, server)
        os.close(messages)

    def child_started(self) -> None:
        """Register this process, a child that leads its own group; called in the child, so before its job can start."""
        self._send(os.getpid())
        os.close(self._pipe)

    def child_ended(self, child: int) -> None:
        """Unregister a child, whose process id may be reused from now on."""
        self._send(-child)

    def _send(self, number: int) -> None:
        with contextlib.suppress(BrokenPipeError):  # The keeper was killed.
            os.write(self._pipe, f'{number}\n'.encode())  # Atomic: shorter than PIPE_BUF.


def _keep(messages: int, server: int) -> NoReturn:
    """Track the registered children until all writers of the pipe have ended; then kill those that remain."""
    alive = {server}  # Its process group: jobs that it ran itself may have started processes.
    rest = b''
    with selectors.DefaultSelector() as selector:
        for descriptor in (messages, 0):
            selector.register(descriptor, selectors.EVENT_READ)
        while True:
            ready = [key.fd for key, _ in selector.select()]
            if messages in ready:
                more = os.read(messages, _CHUNK)
                if not more:
                    break
                *lines, rest = (rest + more).split(b'\n')
                for number in map(int, lines):
                    (alive.add if number > 0 else alive.discard)(abs(number))
            if 0 in ready and not os.read(0, _CHUNK):
                selector.unregister(0)
                if os.getppid() == server:
                    os.kill(server, signal.SIGTERM)
    for child in alive:
        _kill(child)
    os._exit(0)


class Server:
    """Accepts jobs, forks a child for each, and reports its exit status.

    Args:
        listener: The socket for jobs.
        folder: The folder for the temporary files of jobs.
        keeper: Kills the children when this process is killed.
    """

    def __init__(self, listener: socket.socket, folder: str, keeper: Keeper) -> None:
        self._listener = listener
        self._folder = folder
        self._keeper = keeper
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = os.pipe()
        self._stopping = self._working = False

    def serve(self) -> NoReturn:
        """Serve until the standard input is closed or SIGTERM is received; then the process ends."""
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # Without a handler, the wakeup descriptor is not written to.
        signal.signal(signal.SIGTERM, self._stop)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for descriptor in (self._listener.fileno(), self._wake, 0):
            self._selector.register(descriptor, selectors.EVENT_READ)
        while True:
            ready = [key.fd for key, _ in self._selector.select()]
            if self._stopping or (0 in ready and not os.read(0, _CHUNK)):
                self._end()
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, _CHUNK)
            for child, (connection, _) in self._children.items():
                if connection.fileno() in ready:  # Readable means closed: clients send nothing after the job.
                    self._selector.unregister(connection)
                    _kill(child)
            self._reap()
            if self._listener.fileno() in ready:
                self._accept()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        line = _line(connection)
        if not line:
            connection.close()
            return
        request = json.loads(line)
        if request.get('in_server'):
            self._working = True
            if self._stopping:
                self._end()
            answer = _answer(request)
            self._working = False
            _send(connection, answer)
            # Frozen objects are not touched by the children's garbage collectors, so their pages stay shared.
            gc.collect()
            gc.freeze()
            self._report(connection, 0)
            return
        folder = tempfile.mkdtemp(prefix='job_', dir=self._folder)
        child = os.fork()
        if child == 0:
            self._become_child()
            os.environ['TMPDIR'] = tempfile.tempdir = folder
            _run(request, connection)
        self._children[child] = _Child(connection, folder)
        self._selector.register(connection, selectors.EVENT_READ)

    def _become_child(self) -> None:
        os.setsid()  # Its group is killed with all that it starts.
        self._keeper.child_started()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self._selector.close()
        self._listener.close()
        for other in self._children.values():
            other.connection.close()
        os.close(self._wake)
        os.close(self._woken)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def _reap(self) -> None:
        for child in list(self._children):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                connection, folder = self._children.pop(child)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(connection)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child, signal.SIGKILL)  # Processes that it has left.
                self._keeper.child_ended(child)
                shutil.rmtree(folder, ignore_errors=True)
                self._report(connection, status)

    def _report(self, connection: socket.socket, status: int) -> None:
        with contextlib.suppress(OSError):
            _send(connection, {'status': status})
        connection.close()

    def _stop(self, *_: Any) -> None:
        """End the loop; if a job runs in the server, end the process at once."""
        before, self._stopping = self._stopping, True
        if self._working and not before:
            self._end()

    def _end(self) -> NoReturn:
        for child in self._children:
            _kill(child)
        for child in self._children:
            os.waitpid(child, 0)
            self._keeper.child_ended(child)
        # The client removes them too, unless it was killed.
        for folder in (self._folder, os.path.dirname(self._listener.getsockname())):
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # No exit handlers of imported modules; the keeper kills what remains.


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):  # Right after the fork it does not lead a group yet.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
            return


def _line(connection: socket.socket) -> bytes:
    received = b''
    while not received.endswith(b'\n'):
        more = connection.recv(_CHUNK)
        if not more:
            return b''
        received += more
    return received


def _send(connection: socket.socket, answer: Any) -> None:
    connection.sendall(json.dumps(answer).encode() + b'\n')


def _run(request: dict[str, Any], connection: socket.socket) -> None:
    """Run a job in the child; does not return."""
    log = os.open(request.get('log') or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    answer = _answer(request)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    with contextlib.suppress(OSError):  # The client has closed the connection.
        _send(connection, answer)
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        os.chdir(request['folder'])
        answer = {'ok': True, 'value': _function(request['function'])(**request['arguments'])}
        json.dumps(answer)
        return answer
    except BaseException as error:  # Reported to the client.
        trace = traceback.format_exc()
        return {'ok': False, 'kind': type(error).__name__, 'reason': str(error), 'trace': trace}


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(':')
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def main(address: str, folder: str, path: str) -> None:
    """Serve at a socket."""
    keeper = Keeper()
    own = list(sys.path)
    sys.path[:] = [entry for each in json.loads(path) for entry in (own if each is None else [each])]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The client handles Ctrl-C and closes its connections.
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    Server(listener, folder, keeper).serve()


if __name__ == '__main__':
    main(*sys.argv[1:])
