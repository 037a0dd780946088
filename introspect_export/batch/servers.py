"""The fork servers of this process: one for each library whose configs are exported, and one that verifies."""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from introspect_export.batch.client import ForkServer
from introspect_export.batch.facts import Job, Record
from introspect_export.verify.run import FOLDER

Key = tuple[str, str, tuple[str, ...]]
"""What a server is for (``export``, ``verify``), the scope it has imported, and where it looks for modules."""

_WORK = 'introspect_export.batch.work'
_CHECK = 'child.forked'
_MOST = 3
"""How many servers are kept that nobody waits for: a library may come back."""
_SLACK = 5.0
"""How much sooner than a job its verification is given up, so that the job can say so."""


class Servers:
    """Starts servers when they are needed, and ends them."""

    def __init__(self) -> None:
        self._servers: dict[Key, ForkServer] = {}
        self._known: dict[ForkServer, set[str]] = {}
        self._uses: Counter[ForkServer] = Counter()
        """How many jobs need a server, also while they do not wait for it: another server's child may ask it."""
        self._lock = threading.Lock()
        self._starting: dict[Key, threading.Lock] = {}
        self._closed = False

    def open(self) -> None:
        """Let servers be started again after a ``close``."""
        self._closed = False

    def run(self, job: Job) -> tuple[Record, ...]:
        """Do a job in a child of the server for its library."""
        held: list[ForkServer] = []
        try:
            return self._run(job, held)
        finally:
            with self._lock:
                self._uses -= Counter(held)  # Who has none left is forgotten.

    def _run(self, job: Job, held: list[ForkServer]) -> tuple[Record, ...]:
        server = self._server(job, held)
        checking = self._checking(job.path, held) if job.verify is not None else None
        asked: dict[str, Any] = {'places': dict(job.members)} if job.members else {'config': job.config}
        answer = server.call(
            f'{_WORK}:{"export_together" if job.members else "export"}',
            job.timeout,
            **asked,
            out=job.out,
            options=dict(job.options),
            verify=job.verify,
            checking=checking.address if checking is not None else '',
            patience=max(job.timeout - _SLACK, 1.0),
        )
        if answer['ok']:
            self._teach(server, f'{_WORK}:read_ahead', 'modules', answer['value']['read'])
        if answer['ok'] and checking is not None:
            for seen in answer['value']['imported']:
                libraries, blocked = seen['libraries'], seen['blocked']
                self._teach(checking, f'{_CHECK}:import_ahead', 'libraries', libraries, blocked=blocked)
        return _records(job, answer) if job.members else (_record(job, answer),)

    def close(self) -> None:
        """End all servers and what they are doing."""
        with self._lock:
            self._closed = True
            servers = list(self._servers.values())
            self._servers.clear()
            self._known.clear()
        for server in servers:
            server.close()

    def _server(self, job: Job, held: list[ForkServer]) -> ForkServer:
        """The server for a config: of its library, or of its default scope, which any server can tell."""
        if job.library:
            return self._exporting(job.library, job.path, held)
        key = ('export', '', job.path)
        with self._guard(('scope', '', job.path)):
            with self._lock:
                known = [one for (kind, _, path), one in self._servers.items() if (kind, path) == (key[0], key[2])]
                self._hold(known[:1], held)
            server = known[0] if known and known[0].alive else self._exporting('', job.path, held)
            options = dict(job.options.get('options') or {})
            answer = server.call(f'{_WORK}:scope_of', job.timeout, config=job.config, options=options)
            if not answer['ok']:
                return server  # Exporting it says what is wrong.
            scope = str(answer['value'])
            if scope and self._servers.get(key) is server and not server.busy:
                # It has imported nothing yet, so it can become the server of this scope.
                server.prepare(f'{_WORK}:prepare', scope=scope)
                with self._lock:
                    self._servers['export', scope, job.path] = self._servers.pop(key)
        return self._exporting(scope, job.path, held)

    def _exporting(self, scope: str, path: tuple[str, ...], held: list[ForkServer]) -> ForkServer:
        def start() -> ForkServer:
            server = ForkServer(path)
            # Where it cannot be prepared its children say why: they import the library themselves.
            server.prepare(f'{_WORK}:prepare', scope=scope)
            return server

        return self._started(('export', scope, path), start, held)

    def _checking(self, path: tuple[str, ...], held: list[ForkServer]) -> ForkServer:
        # -I: neither the environment nor the working folder nor the user's site adds to sys.path.
        return self._started(('verify', '', path), lambda: ForkServer([str(FOLDER), None, *path], ['-I', '-B']), held)

    def _started(self, key: Key, start: Callable[[], ForkServer], held: list[ForkServer]) -> ForkServer:
        """A server, which is not ended as long as the job that holds it is done."""
        with self._guard(key):
            with self._lock:
                server = self._servers.get(key)
                self._hold([server] if server is not None else [], held)
            if server is None or not server.alive:
                if server is not None:
                    server.close()  # It was killed: its files are still there.
                server = self._start(key, start, held)
        self._end_idle()
        return server

    def _hold(self, servers: Sequence[ForkServer], held: list[ForkServer]) -> None:
        """Keep servers from being ended as idle; called with the lock."""
        self._uses.update(servers)
        held += servers

    def _guard(self, key: Key) -> threading.Lock:
        with self._lock:
            return self._starting.setdefault(key, threading.Lock())

    def _start(self, key: Key, start: Callable[[], ForkServer], held: list[ForkServer]) -> ForkServer:
        server = None if self._closed else start()
        with self._lock:
            if server is not None and not self._closed:
                self._servers[key] = server
                self._known[server] = set()
                self._hold([server], held)
                return server
        if server is not None:
            server.close()
        raise CancelledError('the batch has been ended')

    def _end_idle(self) -> None:
        """End the servers started first that no job needs, beyond a number of them."""
        with self._lock:
            idle = [(key, one) for key, one in self._servers.items() if not self._uses[one]]
            ended = idle[: max(len(self._servers) - _MOST, 0)]
            for key, server in ended:
                del self._servers[key], self._known[server]
        for _, server in ended:
            server.close()

    def _teach(self, server: ForkServer, function: str, argument: str, names: Sequence[str], **more: Any) -> None:
        """Have a server do once what its children would all do for these names."""
        with self._lock:
            known = self._known.get(server)
            new = [name for name in names if known is not None and name not in known]
            if known is not None:
                known.update(new)
        if new:
            server.prepare(function, **{argument: new}, **more)


def _record(job: Job, answer: dict[str, Any]) -> Record:
    if not answer['ok']:
        return Record(job.config, job.out, False, answer['kind'], answer['reason'], answer['trace'])
    value = answer['value']
    result = value['result']
    return Record(
        config=job.config,
        out=job.out,
        ok=result['ok'],
        kind='' if result['ok'] else 'Verification',
        reason='\n'.join(value['problems']),
        seconds=value['seconds'],
        cpu=value['cpu'],
        memory=value['memory'],
        result=result,
    )


def _records(job: Job, answer: dict[str, Any]) -> tuple[Record, ...]:
    """One record for each config of a package that they share; what it cost stands with the first."""
    if not answer['ok']:
        wrong = (answer['kind'], answer['reason'], answer['trace'])
        return tuple(Record(config, job.out, False, *wrong) for config, _ in job.members)
    value = answer['value']
    failed = {config: Record(config, job.out, False, *wrong) for config, wrong in value['failed'].items()}
    reason = '\n'.join(value['problems'])
    good = {
        config: Record(config, job.out, not reason, 'Verification' if reason else '', reason)
        for config in value['configs']
    }
    first = value['configs'][0]
    good[first] = replace(
        good[first],
        seconds=value['seconds'],
        cpu=value['cpu'],
        memory=value['memory'],
        result={'lines': value['lines'], 'diagnostics': value['diagnostics']},
    )
    return tuple({**good, **failed}[config] for config, _ in job.members)


_servers = Servers()
_users: list[object] = []
_users_lock = threading.Lock()


def run_job(job: Job) -> tuple[Record, ...]:
    """Do one job of a batch; any executor may call it, in any process, in any number of threads."""
    return _servers.run(job)


@contextmanager
def serving() -> Iterator[Servers]:
    """Keep this process's servers while the context lasts; nobody uses them after the last context."""
    user = object()
    with _users_lock:
        _users.append(user)
        _servers.open()
    try:
        yield _servers
    finally:
        with _users_lock:
            _users.remove(user)
            last = not _users
        if last:
            _servers.close()


# A worker process of an executor calls ``run_job`` only; nobody tells it that it is over.
atexit.register(_servers.close)
