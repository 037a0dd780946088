"""The fork servers of a sweep: one that has imported a library, and one in whose children packages are checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from introspect_export.batch.forkserver_client import ForkServer, send_job

_SCRIPTS = Path(__file__).resolve().parent
# What original and package compute must not depend on the process: sets of texts in one order, no GPU.
_SAME = {'PYTHONHASHSEED': '0', 'CUDA_VISIBLE_DEVICES': ''}


class ServerDied(Exception):
    """A server ended, which no job can make it do: the sweep is at fault, or what it sweeps with."""


def building(library: str) -> ForkServer:
    """A server for building originals and exporting: it has imported a library."""
    server = ForkServer([str(_SCRIPTS), str(_SCRIPTS.parent), *sys.path], environment=_SAME)
    return _prepared(server, library)


def checking() -> ForkServer:
    """A server for checking packages: it has imported torch, mmengine and mmcv only."""
    return _prepared(ForkServer([str(_SCRIPTS), *sys.path], environment=_SAME), '')


def _prepared(server: ForkServer, library: str) -> ForkServer:
    answer = server.prepare('sweep_jobs:prepare', library=library)
    if not answer['ok']:
        server.close()
        raise ServerDied(answer['trace'])
    return server


def run(server: ForkServer, job: str, timeout: float, log: Path, **arguments: Any) -> dict[str, Any]:
    """Run one of the functions of ``sweep_jobs`` in a child, and return what it returned beside ``ok``.

    Raises:
        ServerDied: The server is not there any more.
    """
    asked = {'job': job, 'arguments': arguments}
    answer = send_job(server.address, 'sweep_jobs:timed', timeout, arguments=asked, log=str(log))
    if not server.alive:
        raise ServerDied(f'the server for {job} ended')
    if answer['ok']:
        return {'ok': True, **answer['value']}
    return {key: answer[key] for key in ('ok', 'kind', 'reason', 'signal') if key in answer}
