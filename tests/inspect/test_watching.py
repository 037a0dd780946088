"""Inspecting what is built by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

import introspect_export
from introspect_export.inspect import Report
from introspect_export.model import ExportError


def test_a_block(orchard: Path) -> None:
    from orchard.registry import MODELS  # type: ignore[import-not-found]

    config = dict(type='Apple', size=2, kind='red')
    before = nn.Module.__init__, MODELS.build
    with introspect_export.observe() as seen:
        MODELS.build(config)
        second = MODELS.build(dict(type='Apple', size=3))
    assert (nn.Module.__init__, MODELS.build) == before
    assert config == dict(type='Apple', size=2, kind='red')
    report = seen.report
    assert [item.path for item in report.items] == ['Apple', 'Apple_2', 'Apple.leaf', 'Apple_2.leaf']
    arguments = {each.name: each for each in report.items[1].arguments}
    assert (arguments['size'].text, arguments['size'].config_path) == ('3', 'Apple_2.size')
    assert report.items[1].parameters == sum(each.numel() for each in second.parameters())
    assert 'made inside orchard Plant.__init__' in str(seen)


def test_the_report_waits_for_the_end(orchard: Path) -> None:
    with introspect_export.observe() as seen, pytest.raises(ExportError, match='has ended'):
        seen.report  # noqa: B018


def test_a_live_model() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    report = introspect_export.inspect(model)
    assert isinstance(report, Report)
    assert [(item.path, item.parameters, item.buffers) for item in report.items] == [
        ('model', 15, 7),
        ('model.0', 9, 0),
        ('model.1', 6, 7),
    ]
    assert report.to_json()['objects'][0]['class'] == 'torch.nn.modules.container:Sequential'


def test_a_config_and_a_notebook(orchard: Path) -> None:
    report = introspect_export.inspect(orchard / 'configs/top.py', model_only=True)
    assert [section.path for section in report.sections] == ['model']
    assert report._repr_html_().startswith('<iframe srcdoc="&lt;!DOCTYPE html')


def test_packages_that_are_functions_stay_functions() -> None:
    import introspect_export.inspect
    import introspect_export.observe
    import introspect_export.verify

    for name in ('inspect', 'observe', 'verify'):
        assert callable(getattr(introspect_export, name))
