"""What a fast test showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FastTest:
    """A training of two iterations and a validation.

    Attributes:
        ok: Whether it came to its end.
        data: The folder of the data, or where it was to be.
        config: The config file that leads the package to the data.
        work_dir: The folder of logs and the checkpoint.
        iterations: The values logged for each iteration that name a loss.
        metrics: What the validation measured.
        parts: Why a part of the config got no data; empty where it did.
        notes: What else is to be known: why there was no validation, or can be no test.
        reason: Why it did not come to its end.
        seconds: How long it took.
    """

    ok: bool
    data: str
    config: str
    work_dir: str
    iterations: tuple[Mapping[str, float], ...]
    metrics: Mapping[str, Any]
    parts: Mapping[str, str]
    notes: tuple[str, ...]
    reason: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self)
