"""The tree and the arguments, compared to the live model and to what the config's files say."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import pytest
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope, init_default_scope
from torch import nn

from introspect_export.inspect import Item, Report, inspect_config
from introspect_export.inspect.shown_paths import shown


@pytest.fixture(scope='module')
def live(orchard: Path, report: Report) -> nn.Module:
    """The model, built plainly."""
    before = dict(DefaultScope._instance_dict)
    init_default_scope('orchard')
    model: nn.Module = MODELS.build(Config.fromfile(orchard / 'configs/top.py').model)
    DefaultScope._instance_dict.clear()
    DefaultScope._instance_dict.update(before)
    return model


def at(report: Report, path: str) -> Item:
    return next(item for item in report.items if item.path == path)


def arguments(report: Report, path: str) -> dict[str, Any]:
    return {each.name: each for each in at(report, path).arguments}


def test_every_module_is_there_and_true(report: Report, live: nn.Module) -> None:
    items = {item.path: item for item in report.items if item.path.partition('.')[0] == 'model'}
    assert set(items) == {'.'.join(['model', *([name] if name else [])]) for name, _ in live.named_modules()}
    for name, module in live.named_modules():
        item = items['.'.join(['model', *([name] if name else [])])]
        kind = type(module)
        assert (item.symbol.module, item.symbol.qualname) == (kind.__module__, kind.__qualname__)
        assert item.parameters == sum(each.numel() for each in module.parameters())
        assert item.own_parameters == sum(each.numel() for each in module.parameters(recurse=False))
        assert item.buffers == sum(each.numel() for each in module.buffers())
        assert [each.name for each in item.chain] == [each.__name__ for each in kind.__mro__][: len(item.chain)]
        assert item.place is not None
        assert (item.place.file, item.place.line) == _class_statement(kind)


def _class_statement(kind: type) -> tuple[Any, int]:
    lines, first = inspect.getsourcelines(kind)
    skipped = next(index for index, line in enumerate(lines) if line.lstrip().startswith('class '))
    return inspect.getsourcefile(kind), first + skipped


def test_who_made_it(report: Report) -> None:
    tree, leaf = at(report, 'model.tree'), at(report, 'model.tree.leaf')
    assert (tree.name, tree.registry, tree.config_path) == ('orchard:Apple', 'orchard::model', 'model.tree')
    assert str(tree.maker) == 'orchard.trees:Garden.__init__'
    assert tree.chain_text == 'Apple -> Tree -> Plant -> BaseModule'
    assert (leaf.name, leaf.registry) == ('torch.nn.modules.linear:Linear', '')
    assert str(leaf.maker) == 'orchard.trees:Plant.__init__'
    text = Path(sys.modules['orchard.trees'].__file__ or '').read_text().splitlines()
    assert leaf.made_at is not None and 'nn.Linear(size, 1)' in text[leaf.made_at.line - 1]
    assert tree.made_at is not None and 'MODELS.build(tree)' in text[tree.made_at.line - 1]


def test_arguments_of_the_config(report: Report) -> None:
    found = arguments(report, 'model.tree')
    kind = found['kind']
    assert (kind.text, kind.source, kind.config_path) == ("'blue'", 'config', 'model.tree.kind')
    assert kind.setting is not None and kind.setting.via is not None
    assert shown(kind.setting.place).endswith('configs/top.py:3')
    assert shown(kind.setting.via).endswith('configs/top.py:2')
    assert [(one.text, Path(one.place.file).name, one.place.line) for one in kind.overridden] == [
        ("'yellow'", 'middle.py', 3),
        ("'green'", 'base.py', 4),
    ]
    assert found['colour'].text == "'brown'" and str(found['colour'].reader) == 'orchard.trees:Plant.__init__'


def test_arguments_of_code_and_defaults(report: Report) -> None:
    found = arguments(report, 'model.tree')
    # A constructor gives it to its parent's: neither the config's nor the default of 3.
    assert (found['rings'].text, found['rings'].source) == ('7', 'code')
    assert str(found['rings'].caller) == 'orchard.trees:Apple.__init__'
    assert (found['init_cfg'].text, found['init_cfg'].source) == ('None', 'default')
    weight = arguments(report, 'model.basket')['weight']
    assert (weight.text, weight.source, str(weight.caller)) == ('5', 'code', 'orchard.trees:Garden.__init__')
    leaf = arguments(report, 'model.tree.leaf')
    assert (leaf['in_features'].text, leaf['in_features'].source) == ('2', 'code')
    assert (leaf['bias'].text, leaf['bias'].source) == ('True', 'default')


def test_what_nothing_reads(report: Report) -> None:
    assert [(item.path, each.name, each.near) for item, each in report.unread] == [
        ('model.basket', 'wieght', ('weight',))
    ]
    # What a constructor keeps may be read by anybody.
    assert arguments(report, 'model.box')['anything'].unread is False
    assert ['optim_wraper' in note and "'optim_wrapper'" in note for note in report.notes] == [True]
    assert 'configs/top.py:4' in report.notes[0]
    assert 'did you mean weight?' in str(report) and 'optim_wraper' in str(report)


def test_find_and_tree(report: Report) -> None:
    assert [item.path for item in report.find('tree.leaf')] == ['model.tree.leaf']
    assert report.find('eaf') == ()
    model = report.tree()[0]
    assert [branch.label for branch in model.branches] == ['data_preprocessor', 'tree', 'basket', 'box']
    assert [branch.path for branch in model.branches[1].walk()] == ['model.tree', 'model.tree.leaf']


def test_command_line_options(orchard: Path) -> None:
    found = inspect_config(orchard / 'configs/top.py', options={'model.tree.size': 4}, model_only=True)
    size = arguments(found, 'model.tree')['size']
    assert size.setting is not None and (size.text, size.setting.place.file) == ('4', '--cfg-options')
    assert [one.text for one in size.overridden] == ['size']
    assert at(found, 'model.tree.leaf').parameters == 5
