"""The fork servers of this process: one for each library whose configs are exported, and one for verifying."""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from introspect_export.batch.forkserver_client import ForkServer
from introspect_export.batch.jobs import Job, Record
from introspect_export.sandbox.on_path import FOLDER, NAME

Key = tuple[str, str, tuple[str, ...]]
"""The purpose of a server (``export``, ``verify``), the scope that it has imported, and its ``sys.path``."""

_WORK = 'introspect_export.batch.worker'
_VERIFY = f'{NAME}.verify.child.forked_jobs'
_MAX_IDLE = 3
"""The number of servers to keep although no job needs them: later configs may."""
_MARGIN = 5.0
"""Seconds by which the timeout of a verification is shorter than its job's, so that the job can report it."""


class Servers:
    """Starts servers on demand, and ends them."""

    def __init__(self) -> None:
        self._servers: dict[Key, ForkServer] = {}
        self._known: dict[ForkServer, set[str]] = {}
        self._uses: Counter[ForkServer] = Counter()
        """The number of jobs that need a server, also one that only a child of another server connects to."""
        self._lock = threading.Lock()
        self._starting: dict[Key, threading.Lock] = {}
        self._closed = False

    def open(self) -> None:
        """Allow starting servers again after ``close``."""
        self._closed = False

    def run(self, job: Job) -> tuple[Record, ...]:
        """Run a job in a child of the server for its library."""
        held: list[ForkServer] = []
        try:
            return self._run(job, held)
        finally:
            with self._lock:
                self._uses -= Counter(held)  # Also drops zero counts.

    def _run(self, job: Job, held: list[ForkServer]) -> tuple[Record, ...]:
        server = self._server(job, held)
        verifier = self._verifier(job.path, held) if job.verify is not None else None
        configs: dict[str, Any] = {'config_paths': dict(job.members)} if job.members else {'config': job.config}
        answer = server.call(
            f'{_WORK}:{"export_shared_package" if job.members else "export"}',
            job.timeout,
            **configs,
            out=job.out,
            options=dict(job.options),
            verify=job.verify,
            verifier=verifier.address if verifier is not None else '',
            verify_timeout=max(job.timeout - _MARGIN, 1.0),
        )
        if answer['ok']:
            self._prepare_once(server, f'{_WORK}:read_ahead', 'modules', answer['value']['read'])
        if answer['ok'] and verifier is not None:
            for seen in answer['value']['imported']:
                libraries, blocked = seen['libraries'], seen['blocked']
                self._prepare_once(verifier, f'{_VERIFY}:import_ahead', 'libraries', libraries, blocked=blocked)
        return _records(job, answer) if job.members else (_record(job, answer),)

    def close(self) -> None:
        """End all servers and their jobs."""
        with self._lock:
            self._closed = True
            servers = list(self._servers.values())
            self._servers.clear()
            self._known.clear()
        for server in servers:
            server.close()

    def _server(self, job: Job, held: list[ForkServer]) -> ForkServer:
        """The server for a job: that of its library, or of its config's default scope, which any server can find."""
        if job.library:
            return self._exporter(job.library, job.path, held)
        key = ('export', '', job.path)
        with self._start_lock(('scope', '', job.path)):
            with self._lock:
                known = [one for (kind, _, path), one in self._servers.items() if (kind, path) == (key[0], key[2])]
                self._hold(known[:1], held)
            server = known[0] if known and known[0].alive else self._exporter('', job.path, held)
            options = dict(job.options.get('options') or {})
            answer = server.call(f'{_WORK}:scope_of', job.timeout, config=job.config, options=options)
            if not answer['ok']:
                return server  # The export will report the error.
            scope = str(answer['value'])
            if scope and self._servers.get(key) is server and not server.busy:
                # It has imported no library yet: make it the server of this scope.
                server.prepare(f'{_WORK}:prepare', scope=scope)
                with self._lock:
                    self._servers['export', scope, job.path] = self._servers.pop(key)
        return self._exporter(scope, job.path, held)

    def _exporter(self, scope: str, path: tuple[str, ...], held: list[ForkServer]) -> ForkServer:
        def start() -> ForkServer:
            server = ForkServer(path)
            # Where this fails, the jobs report why: they import the library themselves.
            server.prepare(f'{_WORK}:prepare', scope=scope)
            return server

        return self._started(('export', scope, path), start, held)

    def _verifier(self, path: tuple[str, ...], held: list[ForkServer]) -> ForkServer:
        # -I: neither the environment nor the working folder nor the user's site adds to sys.path.
        return self._started(('verify', '', path), lambda: ForkServer([FOLDER, None, *path], ['-I', '-B']), held)

    def _started(self, key: Key, start: Callable[[], ForkServer], held: list[ForkServer]) -> ForkServer:
        """The server of a key, started if need be; it is kept while a job holds it."""
        with self._start_lock(key):
            with self._lock:
                server = self._servers.get(key)
                self._hold([server] if server is not None else [], held)
            if server is None or not server.alive:
                if server is not None:
                    server.close()  # It was killed: remove its files.
                server = self._start(key, start, held)
        self._end_idle()
        return server

    def _hold(self, servers: Sequence[ForkServer], held: list[ForkServer]) -> None:
        """Keep servers from being ended as idle; the lock must be held."""
        self._uses.update(servers)
        held += servers

    def _start_lock(self, key: Key) -> threading.Lock:
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
        """End the oldest servers that no job needs, beyond ``_MAX_IDLE`` servers."""
        with self._lock:
            idle = [(key, one) for key, one in self._servers.items() if not self._uses[one]]
            ended = idle[: max(len(self._servers) - _MAX_IDLE, 0)]
            for key, server in ended:
                del self._servers[key], self._known[server]
        for _, server in ended:
            server.close()

    def _prepare_once(
        self, server: ForkServer, function: str, argument: str, names: Sequence[str], **more: Any
    ) -> None:
        """Call a function in a server with the names that it has not been called with yet."""
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
    """One record for each config of a shared package; the first has the cost."""
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
    """Run one job of a batch; executors call it, in any process and in any thread."""
    return _servers.run(job)


@contextmanager
def serving() -> Iterator[Servers]:
    """Keep this process's servers until the last of these contexts ends."""
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


# A worker process of an executor calls only ``run_job``.
atexit.register(_servers.close)
