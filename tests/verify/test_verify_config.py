"""The level *config*: every value of a package's config is the original's, but for what linking has noted."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config

from introspect_export import export
from introspect_export.verify.child.config_values_by_path import differences, expected, flat, record, recorded
from introspect_export.verify.child.job import check_config

PROJECTS = Path(__file__).parents[1] / 'projects'
TOY = PROJECTS / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'


@pytest.mark.parametrize(
    ('config', 'values'),
    [
        ({'a': {'b': [1, 2], 'c d': 1.0}}, {'a.b': '[1, 2]', "a['c d']": '1.0'}),
        (
            {'a': [{'b': True}, ({'c': None},)]},
            {'a': 'list of 2', 'a[0].b': 'True', 'a[1]': 'tuple of 1', 'a[1][0].c': 'None'},
        ),
        ({'a': {}, 'b': [], 'c': (), 'd': (1,)}, {'a': '{}', 'b': '[]', 'c': '()', 'd': '(1,)'}),
        ({'a': {3, 1}, 'b': -0.0, 'c': float('nan')}, {'a': 'set (1, 3)', 'b': '-0.0', 'c': 'nan'}),
        (
            {'type': torch.nn.ReLU, 'f': functools.partial(print, 1)},
            {'type': "'torch.nn.modules.activation.ReLU'", 'f': "'builtins.print'"},
        ),
        ({torch.nn.ReLU: 1, 2: 3}, {"['torch.nn.modules.activation.ReLU']": '1', '[2]': '3'}),
        ({'a': torch.tensor(2)}, {'a': 'tensor(2)'}),
    ],
)
def test_values_by_their_paths(config: Any, values: Any) -> None:
    assert flat(config) == values


def test_what_linking_gives_a_reason_for_is_no_difference() -> None:
    original = {'a.type': "'lib.X'", 'a.n': '1', 'gone': '[1]', 'old.x': '2'}
    package = {'a.type': "'X'", 'a.n': '1', 'new.x': '2', 'scope': "'pack'"}
    reasons = {'a.type': 'type', 'gone': 'import', 'old': 'type', 'new': 'type', 'scope': 'scope'}
    known = record(original, package, reasons)
    assert known['a.type'] == {'original': "'lib.X'", 'package': "'X'", 'why': 'type'}
    assert recorded(known) == original
    assert expected(known, original) == package
    assert differences(known, original, package) == []
    assert differences(known, {**original, 'a.n': '5', 'a.type': "'Y'"}, package) == [
        "a.type: original 'Y', package 'X'",
        'a.n: original 5, package 1',
    ]


def test_what_linking_gives_no_reason_for_is_a_difference() -> None:
    known = record({'a.n': '1', 'b': '2'}, {'a.n': '1.0', 'c': '2'}, {'a.name': 'type'})
    assert differences(known, recorded(known), {'a.n': '1.0', 'c': '2'}) == [
        'a.n: original 1, package 1.0',
        'b: original 2, package has none',
        'c: original has none, package 2',
    ]


def test_the_order_of_hooks_counts_and_that_of_sections_does_not() -> None:
    values = {'hooks.a.n': '1', 'hooks.b.n': '2', 'model.x': '3'}
    known = record(values, values, {})
    assert differences(known, values, {'model.x': '3', 'hooks.a.n': '1', 'hooks.b.n': '2'}) == []
    assert differences(known, values, {'hooks.b.n': '2', 'hooks.a.n': '1', 'model.x': '3'}) == [
        'hooks: original has hooks.a.n in the place where the package has hooks.b.n'
    ]


Check = Callable[[str, str], Any]


@pytest.fixture(scope='module')
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy exported with its data elsewhere, and with an option."""
    out = tmp_path_factory.mktemp('config') / 'out'
    sys.path.insert(0, str(PROJECTS))
    try:
        roots = {'data/toy': 'data/new'}
        more = {'train_cfg.val_interval': 2, 'custom_imports': {'imports': ['toylib.engine']}}
        export(TOY, out, verify=None, data_roots=roots, options=more)
    finally:
        sys.path.remove(str(PROJECTS))
    return out


def checked(out: Path, old: str = '', new: str = '') -> dict[str, str]:
    """The level, with something put in the place of another in the package's config while it is checked."""
    file = next((out / 'pack' / 'configs').rglob('*.py'))
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    try:
        compared = json.loads((out / 'manifest.json').read_text())['compared']
        return check_config(out, {'config': None, 'compared': compared})
    finally:
        file.write_text(text)


def test_a_package_has_the_values_of_its_original(toy: Path) -> None:
    assert checked(toy) == {'name': 'config', 'outcome': 'shown', 'reason': ''}
    values = json.loads((toy / 'manifest.json').read_text())['compared']['values']
    assert values['model.backbone.type'] == {'original': "'toylib.TinyNetV2'", 'package': "'TinyNetV2'", 'why': 'type'}
    assert values['val_dataloader.dataset.data_root']['why'] == 'data root'
    assert values['custom_imports.imports'] == {'original': "['toylib.engine']", 'package': None, 'why': 'import'}
    assert values['train_cfg.val_interval'] == '2'
    assert recorded(values) == flat(original_config())


def original_config() -> Any:
    config = Config.fromfile(str(TOY))
    config.merge_from_dict({'train_cfg.val_interval': 2, 'custom_imports': {'imports': ['toylib.engine']}})
    return config._cfg_dict


@pytest.mark.parametrize(
    ('old', 'new', 'said'),
    [
        ('interval=50', 'interval=60', 'default_hooks.logger.interval: original 50, package 60'),
        ('val_interval=2', 'val_interval=1', 'train_cfg.val_interval: original 2, package 1'),
        ('milestones=[1]', 'milestones=[2]', 'param_scheduler.milestones: original [1], package [2]'),
        ('lr=0.01', 'lr=0.1', 'optim_wrapper.optimizer.lr: original 0.01, package 0.1'),
        ('shuffle=True', 'shuffle=1', 'train_dataloader.sampler.shuffle: original True, package 1'),
        ("'ToyMetric'", "'Other'", "val_evaluator.type: original 'ToyMetric', package 'Other'"),
        ("'TinyNetV2'", "'TinyNet'", "model.backbone.type: original 'toylib.TinyNetV2', in a package 'TinyNetV2', "),
        (
            'data/new',
            'data/toy',
            "train_dataloader.dataset.data_root: original 'data/toy/', in a package 'data/new/'",
        ),
        ('channels=8', 'channels=8, width=2', 'model.head.width: original has none, package 2'),
        (', channels=8', '', 'model.head.channels: original 8, package has none'),
    ],
)
def test_a_fault_in_the_package_s_config_is_named(toy: Path, old: str, new: str, said: str) -> None:
    found = checked(toy, old, new)
    first, last = found['reason'].splitlines()
    assert found['outcome'] == 'failed'
    assert first.startswith(said)
    assert last.startswith('pack/configs/gn+toy/fancy.v1_2x.py was edited after the export: ')


def test_a_config_that_cannot_be_read_fails(toy: Path) -> None:
    assert checked(toy, 'default_scope', '1 / 0\ndefault_scope')['reason'].startswith('ZeroDivisionError: ')
