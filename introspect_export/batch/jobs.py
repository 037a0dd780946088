"""The jobs and results of a batch, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Job:
    """The export of one config, or of several as a shared package; picklable.

    Attributes:
        config: The config, as ``export`` takes it.
        library: The package that the config belongs to, or empty.
        out: The folder to write.
        options: Further arguments of ``export``.
        verify: The level of verification, or None.
        timeout: Seconds after which the job is killed.
        path: ``sys.path`` of its process.
        members: Of a shared package: each config, and its path below ``pack/configs``.
    """

    config: str
    library: str
    out: str
    options: Mapping[str, Any]
    verify: str | None
    timeout: float
    path: tuple[str, ...]
    members: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Record:
    """The result of one config.

    Attributes:
        config: The config.
        out: The folder of its package, relative to the batch's.
        ok: Whether it was exported and the verification passed.
        kind: The name of the exception, or ``Verification``; empty if ``ok``.
        reason: Why it failed; empty if ``ok``.
        trace: The traceback of the exception.
        seconds: Its duration.
        cpu: Its CPU time, without a verification in another process.
        memory: The peak memory of its process in bytes, pages shared with the server included.
        result: The result of the export, as plain data; None where it raised.
    """

    config: str
    out: str
    ok: bool
    kind: str = ''
    reason: str = ''
    trace: str = ''
    seconds: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class BatchResult:
    """A finished batch.

    Attributes:
        out: The folder that holds the packages.
        records: One for each config, in order, those of earlier runs included.
        resumed: The number of records of earlier runs.
        seconds: The duration of this run.
    """

    out: Path
    records: tuple[Record, ...]
    resumed: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether all configs are ``ok``."""
        return all(record.ok for record in self.records)

    @property
    def failed(self) -> tuple[Record, ...]:
        """The records that are not ``ok``."""
        return tuple(record for record in self.records if not record.ok)

    def to_json(self) -> dict[str, Any]:
        """Convert to plain data."""
        results = [record.result for record in self.records if record.result]
        return {
            'ok': self.ok,
            'out': str(self.out),
            'configs': len(self.records),
            'exported': sum(record.ok for record in self.records),
            'failed': [
                {'config': one.config, 'out': one.out, 'kind': one.kind, 'reason': one.reason} for one in self.failed
            ],
            'resumed': self.resumed,
            'seconds': round(self.seconds, 2),
            'cpu': round(sum(record.cpu for record in self.records), 2),
            'memory': max((record.memory for record in self.records), default=0),
            'lines': sum(result['lines'] for result in results),
            'diagnostics': dict(
                sorted(Counter(each['code'] for result in results for each in result['diagnostics']).items())
            ),
        }
