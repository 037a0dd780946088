"""A fork server: a process that imports once what its jobs need, and runs each job in a child of its own.

It is run by its path, so that nothing around it is imported with it: ``python forkserver.py SOCKET FOLDER PATH``, where
``FOLDER`` is for the temporary files of jobs and ``PATH`` is what becomes of ``sys.path``, as JSON, null standing for
what it was. Each connection to the socket is one job, a line of JSON::

    {"function": "module:name", "arguments": {…}, "folder": "where", "here": false, "log": "file"}

and is answered with a line ``{"ok": true, "value": …}`` or ``{"ok": false, "kind": …, "reason": …, "trace": …}``, then
with one that says what became of the child, ``{"status": …}``. A job to be done ``here`` is done by the server itself:
what it imports or remembers, all later children have. Who closes a connection ends its job. The server ends with its
standard input: with whoever started it. A child's temporary files are removed with it, however it ended. Children end
with the server, also where that is killed: a *keeper*, forked before anything is imported, sees to it.
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
    """Who waits for a child, and where it has its temporary files."""

    connection: socket.socket
    folder: str


class Keeper:
    """A process that kills the children of this one when this one ends without having done so.

    It also asks this one to end when the standard input does, which is not looked at while a job is done here.
    """

    def __init__(self) -> None:
        server = os.getpid()
        told, self._pipe = os.pipe()
        if os.fork() == 0:
            os.setsid()  # Killing the server's group leaves it.
            os.close(self._pipe)
            nothing = os.open(os.devnull, os.O_WRONLY)
            for descriptor in (1, 2):
                os.dup2(nothing, descriptor)
            _keep(told, server)
        os.close(told)

    def begun(self) -> None:
        """Note this process, a child that leads its group; nobody can be killed between being one and being noted."""
        self._tell(os.getpid())
        os.close(self._pipe)

    def ended(self, child: int) -> None:
        """Forget a child, whose number may be another's from now on."""
        self._tell(-child)

    def _tell(self, number: int) -> None:
        with contextlib.suppress(BrokenPipeError):  # Somebody has killed it.
            os.write(self._pipe, f'{number}\n'.encode())  # So short a line is written at once.


def _keep(told: int, server: int) -> NoReturn:
    """Take down the children that begin and end until nobody is left who could say so; kill those that are left."""
    alive = {server}  # A job that it did itself may have started something.
    rest = b''
    with selectors.DefaultSelector() as selector:
        for descriptor in (told, 0):
            selector.register(descriptor, selectors.EVENT_READ)
        while True:
            ready = [key.fd for key, _ in selector.select()]
            if told in ready:
                more = os.read(told, _CHUNK)
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
    """Accepts jobs, forks a child for each, and says what became of it.

    Args:
        listener: The socket that jobs come to.
        folder: Where jobs have their temporary files.
        keeper: What ends children when this process is killed.
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
        """Work until the standard input ends, or SIGTERM is sent; then the process ends."""
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # Without a handler nothing wakes the selector.
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
                if connection.fileno() in ready:  # The client sends nothing more: it has gone.
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
        if request.get('here'):
            self._working = True
            if self._stopping:
                self._end()
            answer = _answer(request)
            self._working = False
            _send(connection, answer)
            # What is there now is left alone by the children's garbage collectors, and so stays shared.
            gc.collect()
            gc.freeze()
            self._tell(connection, 0)
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
        os.setsid()  # Killed with all that it starts.
        self._keeper.begun()
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
                    os.killpg(child, signal.SIGKILL)  # What it started and left behind.
                self._keeper.ended(child)
                shutil.rmtree(folder, ignore_errors=True)
                self._tell(connection, status)

    def _tell(self, connection: socket.socket, status: int) -> None:
        with contextlib.suppress(OSError):
            _send(connection, {'status': status})
        connection.close()

    def _stop(self, *_: Any) -> None:
        """Have the loop end, or end at once where it waits for a job of others' code."""
        asked, self._stopping = self._stopping, True
        if self._working and not asked:
            self._end()

    def _end(self) -> NoReturn:
        for child in self._children:
            _kill(child)
        for child in self._children:
            os.waitpid(child, 0)
            self._keeper.ended(child)
        # Whoever started it may have been killed, and cannot do it.
        for folder in (self._folder, os.path.dirname(self._listener.getsockname())):
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # What was imported has nothing to put in order here, and the keeper kills what is left.


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):  # Right after the fork it leads no group yet.
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
    """Do a job in the child; never returns."""
    log = os.open(request.get('log') or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    answer = _answer(request)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    with contextlib.suppress(OSError):  # Whoever asked has gone.
        _send(connection, answer)
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        os.chdir(request['folder'])
        answer = {'ok': True, 'value': _function(request['function'])(**request['arguments'])}
        json.dumps(answer)
        return answer
    except BaseException as error:  # Whatever a job raises is what is to be reported.
        trace = traceback.format_exc()
        return {'ok': False, 'kind': type(error).__name__, 'reason': str(error), 'trace': trace}


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(':')
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def main(address: str, folder: str, path: str) -> None:
    """Serve at an address."""
    keeper = Keeper()
    own = list(sys.path)
    sys.path[:] = [entry for each in json.loads(path) for entry in (own if each is None else [each])]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The client's to handle: it closes what it waits for.
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    Server(listener, folder, keeper).serve()


if __name__ == '__main__':
    main(*sys.argv[1:])
