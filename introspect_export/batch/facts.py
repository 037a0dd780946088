"""What a batch is asked to do, and what came of it, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Job:
    """One config of a batch; it can be sent to another process.

    Attributes:
        config: The config, as ``export`` takes it.
        library: The package whose config it is, or empty.
        out: The folder that its package is written to.
        options: What else ``export`` is given.
        verify: The level of verification, or None.
        timeout: Seconds after which it is given up.
        path: Where its process looks for modules.
        members: Of a package that configs share: each of them, and its file below ``pack/configs``.
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
    """What came of one config.

    Attributes:
        config: The config.
        out: Its package's folder, relative to the batch's.
        ok: Whether it was exported, and holds up to what was verified of it.
        kind: Where not: the name of the exception, or ``Verification``.
        reason: Where not: why, in a sentence or a few.
        trace: Where the exception came from.
        seconds: How long it took.
        cpu: The processor's time that it took, verification in a process of its own left out.
        memory: The most memory that its process had, in bytes; what it shares with others is counted.
        result: What the export returned, as plain data; empty where it raised.
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
        records: One for each config asked for, in their order; those of earlier runs among them.
        resumed: How many of them were there from earlier runs.
        seconds: How long this run took.
    """

    out: Path
    records: tuple[Record, ...]
    resumed: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether all went well."""
        return all(record.ok for record in self.records)

    @property
    def failed(self) -> tuple[Record, ...]:
        """What did not go well."""
        return tuple(record for record in self.records if not record.ok)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data."""
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
