"""The result of a fast test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class TrainingResult:
    """A training of two iterations and a validation.

    Attributes:
        ok: Whether it completed.
        data: The folder of the data.
        config: The config file that makes the package use the data.
        work_dir: The folder of logs and the checkpoint.
        iterations: The values logged for each iteration that name a loss.
        metrics: The metrics of the validation.
        parts: For each part of the config, why it has no data; empty where it has.
        notes: Further messages, as why there was no validation or can be no test.
        reason: Why it did not complete; empty where it did.
        seconds: Its duration.
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
        """Convert to plain data."""
        return asdict(self)
