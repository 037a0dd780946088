"""The order of the stages.

config ─load─▶ LoadedConfig ─observe─▶ Observation ─reach (reads, linearizes)─▶ LiveSet ─link─▶ Linked ─emit─▶ folder
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

STAGES = ('load', 'observe', 'reach', 'link', 'emit', 'verify')


class Clock:
    """Times the stages and reports their progress.

    Args:
        progress: Called with a line for every step.
        dump: Called with a stage's name and its result.
    """

    def __init__(
        self, progress: Callable[[str], None] | None = None, dump: Callable[[str, Any], None] | None = None
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._dump = dump

    @contextmanager
    def stage(self, name: str, line: str) -> Iterator[Callable[[Any], None]]:
        """Time a stage.

        Args:
            name: The stage's name.
            line: The line that reports its start.

        Yields:
            A function to be called with the stage's result, which dumps it.
        """
        if self._progress is not None:
            self._progress(line)
        start = time.perf_counter()

        def returned(value: Any) -> None:
            if self._dump is not None:
                self._dump(name, value)

        try:
            yield returned
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
