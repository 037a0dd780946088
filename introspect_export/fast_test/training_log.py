"""The log of scalars that mmengine writes while it trains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NOT_MEASURED = ('lr', 'base_lr', 'data_time', 'time', 'step', 'iter', 'epoch', 'memory', 'momentum')


def read_training_log(work_dir: Path) -> tuple[tuple[Mapping[str, float], ...], Mapping[str, Any]]:
    """The losses of each iteration, and the metrics of the last validation."""
    iterations: list[Mapping[str, float]] = []
    metrics: Mapping[str, Any] = {}
    for file in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        for line in file.read_text(encoding='utf-8').splitlines():
            values = json.loads(line)
            kept = {key: value for key, value in values.items() if key not in _NOT_MEASURED}
            if 'iter' in values:
                iterations.append({key: value for key, value in kept.items() if isinstance(value, (int, float))})
            else:
                metrics = kept
    return tuple(iterations), metrics
