"""The report as one self-contained page."""

from __future__ import annotations

from introspect_export.inspect.report import Report


def embedded(report: Report) -> str:
    """The report for a notebook."""
    return f'<pre>{report}</pre>'
