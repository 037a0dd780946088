"""Inspection of objects that the user builds, without a config."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from introspect_export.inspect.compose_report import compose
from introspect_export.inspect.report import Report
from introspect_export.inspect.settings import Settings
from introspect_export.model import ExportError
from introspect_export.observe.live_objects import ObjectWatch, observation_of


class Observed:
    """The result of a ``with observe()`` block."""

    def __init__(self) -> None:
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """The report, which is available after the block has ended.

        Raises:
            ExportError: The block has not ended, or raised an exception.
        """
        if self._report is None:
            raise ExportError('the report is there when the block of introspect_export.observe() has ended')
        return self._report

    def end(self, report: Report) -> None:
        """Set the report when the block ends."""
        self._report = report

    def __rich__(self) -> Any:
        """The report, for a terminal."""
        return self.report.__rich__()

    def __str__(self) -> str:
        return str(self.report)

    def _repr_html_(self) -> str:
        """The report, for a notebook."""
        return self.report._repr_html_()


@contextmanager
def observe() -> Iterator[Observed]:
    """Record what registries build, and which modules are constructed, in a ``with`` block.

    >>> import introspect_export
    >>> with introspect_export.observe() as seen:  # doctest: +SKIP
    ...     model = MODELS.build(cfg.model)
    >>> print(seen.report)  # doctest: +SKIP
    """
    observed, watch = Observed(), ObjectWatch()
    with watch.watching():
        yield observed
    observed.end(compose(watch.observation(), Settings({}, {})))


def inspect_model(model: Any, name: str = 'model') -> Report:
    """Report what a model, or any other object, consists of.

    Args:
        model: The object.
        name: The first part of all paths.
    """
    return compose(observation_of(name, model), Settings({}, {}))
