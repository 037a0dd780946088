"""Which servers are kept: those that a job needs, also while other jobs begin."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from introspect_export.batch import servers as module
from introspect_export.batch.jobs import Job


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
        return {'ok': False, 'kind': 'Alive', 'reason': ', '.join(alive), 'trace': arguments['verifier']}

    def close(self) -> None:
        """End."""
        self.alive = False


def job(config: str, library: str, path: str = 'here') -> Job:
    return Job(config, library, 'out', {}, 'build', 60.0, (path,))


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> module.Servers:
    monkeypatch.setattr(module, 'ForkServer', Stub)
    monkeypatch.setattr(module, '_MAX_IDLE', 1)
    monkeypatch.setattr(Stub, 'made', [])
    Stub.servers = module.Servers()
    return Stub.servers


def test_the_verifier_of_a_job_is_not_ended_for_another_job(servers: module.Servers) -> None:
    (record,) = servers.run(job('one', 'first'))
    exporting, verifier, second = (each.address for each in Stub.made)
    assert record.trace == verifier
    assert {exporting, verifier, second} == set(record.reason.split(', '))


def test_idle_servers_are_ended_beyond_a_few(servers: module.Servers) -> None:
    for name in ('first', 'second', 'third'):
        servers.run(job('other', name, name))
    kept = [each.address for each in Stub.made if each.alive]
    assert len(Stub.made) == 6 and kept == [each.address for each in Stub.made[-2:]]
