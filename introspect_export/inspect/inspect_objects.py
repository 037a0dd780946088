"""Inspecting what is built by hand."""

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
    """What a ``with observe()`` block built."""

    def __init__(self) -> None:
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """The report; it is there when the block has ended.

        Raises:
            ExportError: The block has not ended, or not well.
        """
        if self._report is None:
            raise ExportError('the report is there when the block of introspect_export.observe() has ended')
        return self._report

    def end(self, report: Report) -> None:
        """Take the report."""
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
    """Take down what registries build, and which modules are made, in a ``with`` block.

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
    """Tell what a model, or any other object, is made of.

    Args:
        model: The object.
        name: What its path starts with.
    """
    return compose(observation_of(name, model), Settings({}, {}))
