"""Which servers are kept: those that a job needs, whoever else begins meanwhile."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from introspect_export.batch import servers as module
from introspect_export.batch.facts import Job


class Stub:
    """In place of a fork server."""

    made: ClassVar[list[Stub]] = []
    servers: ClassVar[module.Servers]

    def __init__(self, *_: Any) -> None:
        self.alive, self.busy, self.address = True, False, f'server {len(Stub.made)}'
        Stub.made.append(self)

    def prepare(self, *_: Any, **__: Any) -> None:
        """Import nothing."""

    def call(self, _: str, __: float, **arguments: Any) -> dict[str, Any]:
        """Do a job, in the midst of which another batch's begins; say which servers are still there."""
        if arguments['config'] == 'one':
            Stub.servers.run(job('two', 'second'))
        alive = [each.address for each in Stub.made if each.alive]
        return {'ok': False, 'kind': 'Alive', 'reason': ', '.join(alive), 'trace': arguments['checking']}

    def close(self) -> None:
        """End."""
        self.alive = False


def job(config: str, library: str, path: str = 'here') -> Job:
    return Job(config, library, 'out', {}, 'build', 60.0, (path,))


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> module.Servers:
    monkeypatch.setattr(module, 'ForkServer', Stub)
    monkeypatch.setattr(module, '_MOST', 1)
    monkeypatch.setattr(Stub, 'made', [])
    Stub.servers = module.Servers()
    return Stub.servers


def test_what_a_job_is_verified_in_is_not_ended_for_another_job(servers: module.Servers) -> None:
    (record,) = servers.run(job('one', 'first'))
    exporting, checking, second = (each.address for each in Stub.made)
    assert record.trace == checking
    assert {exporting, checking, second} == set(record.reason.split(', '))


def test_what_no_job_needs_is_ended_but_for_a_few(servers: module.Servers) -> None:
    for name in ('first', 'second', 'third'):
        servers.run(job('other', name, name))
    kept = [each.address for each in Stub.made if each.alive]
    assert len(Stub.made) == 6 and kept == [each.address for each in Stub.made[-2:]]
