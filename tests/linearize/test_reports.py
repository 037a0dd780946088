"""Public reports of tools that rewrite classes, each tried on a small hierarchy: the same, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from reported import GITHUB, REPORTS, Report

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

MakeModule = Callable[[str, str], ModuleType]
Run = Callable[[StandaloneClass], Any]

TABLE = Path(__file__).parents[2] / 'docs' / 'reports_tried.md'


def seen(probe: str, cls: type, names: dict[str, Any]) -> str:
    """What a probe gives, or the error that it ends with."""
    try:
        return repr(eval(probe, {**names, 'C': cls}))
    except Exception as error:
        return f'{type(error).__name__}: {error}'


@pytest.mark.parametrize('report', REPORTS, ids=[each.where for each in REPORTS])
def test_the_same_or_refused(report: Report, make: MakeModule, run: Run) -> None:
    original = make('reported_module', report.text)
    result = flatten_class(original.Leaf, is_origin=lambda module: module == 'reported_module')
    # A module that is executed once more must find what its own classes leave behind as it was.
    assert seen(report.probe, run(result), {}) == seen(report.probe, original.Leaf, {})
    assert bool(result.merged) != report.kept, result.diagnostics


def test_the_table_of_reports_is_complete() -> None:
    """Each row of the document that names a hierarchy has its test, and the other way around."""
    linked = re.findall(r'\]\((https://[^)]+)\) \|[^|]*\| hierarchy \|', TABLE.read_text(encoding='utf-8'))
    assert sorted(linked) == sorted(GITHUB + each.where for each in REPORTS)
