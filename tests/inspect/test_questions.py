"""Method tables, reasons, differences, snapshots."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from introspect_export.cli import main
from introspect_export.inspect import Report, inspect_config
from introspect_export.inspect.diff import compare
from introspect_export.inspect.reason_chain import is_meant
from introspect_export.model import ExportError


def test_method_table(report: Report) -> None:
    (table,) = report.methods('Apple')
    members = {each.name: each for each in table.members}
    states = {
        name: [(one.owner.name, one.state, one.callers) for one in members[name].definitions]
        for name in ('grow', 'rest', 'height')
    }
    assert states == {
        'grow': [('Tree', 'runs', ()), ('Plant', 'super', ('Tree.grow',))],
        'rest': [('Apple', 'runs', ()), ('Tree', 'shadowed', ()), ('Plant', 'shadowed', ())],
        'height': [('Plant', 'runs', ())],
    }
    chain = [(one.owner.name, one.state) for one in members['__init__'].definitions]
    assert chain[:4] == [('Apple', 'runs'), ('Tree', 'super'), ('Plant', 'super'), ('BaseModule', 'super')]
    assert members['height'].kind == 'attribute' and members['grow'].kind == 'method'
    assert report.methods('Pear') == ()


def test_why(report: Report) -> None:
    found = {str(symbol): steps for symbol, steps in report.why('Apple').items()}
    assert list(found) == ['orchard.trees:Apple']
    assert found['orchard.trees:Apple'] == ['orchard.trees:Apple built at model.tree']


@pytest.mark.parametrize(
    ('name', 'meant'),
    [('Head', True), ('b:Head', True), ('a.b:Head', True), ('c:Head', False), ('ead', False), ('Head.loss', False)],
)
def test_names(name: str, meant: bool) -> None:
    assert is_meant('a.b:Head', name) is meant


def test_snapshots_are_the_same_in_every_run(orchard: Path, report: Report) -> None:
    again = inspect_config(orchard / 'configs/top.py')
    assert json.dumps(report.to_json()) == json.dumps(again.to_json())
    assert not report.diff(again).found


def test_differences(orchard: Path, report: Report) -> None:
    other = inspect_config(orchard / 'configs/other.py')
    found = {(each.kind, each.path, each.name, each.before, each.after) for each in report.diff(other).found}
    assert found == {
        ('class', 'model.box', '', 'orchard.trees:Box', 'orchard.trees:Basket'),
        ('argument', 'model.box', 'anything', '1', 'not given'),
        ('argument', 'model.box', 'weight', 'not given', '1'),
        ('argument', 'model.tree', 'size', '2', '3'),
        ('argument', 'model.tree.leaf', 'in_features', '2', '3'),
        ('parameters', 'model.tree.leaf', 'tensors', 'weight:parameter:1x2 bias:parameter:1',
         'weight:parameter:1x3 bias:parameter:1'),
    }  # fmt: skip


def test_a_changed_method_is_a_difference(report: Report) -> None:
    before, after = report.to_json(), report.to_json()
    after['classes']['orchard.trees:Tree']['members']['grow'] = 'other'
    (difference,) = compare(before, after).found
    assert str(difference) == '~ orchard.trees:Tree.grow has another text'


def test_added_objects_are_told_by_the_topmost(report: Report) -> None:
    before, after = report.to_json(), report.to_json()
    before['objects'] = [each for each in before['objects'] if not each['path'].startswith('model.tree')]
    found = [each for each in compare(before, after).found if each.kind == 'added']
    assert [(each.path, each.after, each.below) for each in found] == [('model.tree', 'orchard.trees:Apple', 1)]
    assert str(found[0]) == '+ model.tree: orchard.trees:Apple (and 1 objects in it)'


def test_another_schema_is_refused(report: Report) -> None:
    with pytest.raises(ExportError, match='schema'):
        compare({'schema': 'introspect_export.inspect/0'}, report.to_json())


def test_commands(orchard: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, other = str(orchard / 'configs/top.py'), str(orchard / 'configs/other.py')
    snapshot = tmp_path / 'snapshot.json'
    assert main(['inspect', config, '--json']) == 0
    snapshot.write_text(capsys.readouterr().out)
    assert json.loads(snapshot.read_text())['schema'] == 'introspect_export.inspect/1'
    assert main(['inspect', config, '--check', str(snapshot)]) == 0
    assert capsys.readouterr().out == 'top and top build the same\n'
    assert main(['inspect', other, '--check', str(snapshot)]) == 1
    assert '~ model.tree size: 2 -> 3' in capsys.readouterr().out
    assert main(['diff', str(snapshot), other, '--json']) == 1
    assert json.loads(capsys.readouterr().out)['same'] is False
    assert main(['inspect', config, '--object', 'tree', '--section', 'model']) == 0
    shown = capsys.readouterr().out
    assert "kind = 'blue'  set at" in shown and "over 'yellow' at" in shown
    assert main(['inspect', config, '--class', 'Apple']) == 0
    assert 'shadows Tree' in capsys.readouterr().out
    assert main(['inspect', config, '--why', 'Plant']) == 1  # It is merged into Apple.
    assert main(['inspect', config, '--grep', 'leaf', '--params']) == 0
    assert 'weight: parameter 1x2 float32, 2' in capsys.readouterr().out
    assert main(['inspect', config, '--html', str(tmp_path / 'page.html')]) == 0
    assert (tmp_path / 'page.html').read_text().startswith('<!DOCTYPE html>')
    assert main(['inspect', config, '--object', 'nowhere']) == 1
    assert main(['inspect', config, '--check', str(tmp_path / 'none.json')]) == 1
    assert 'inspect CONFIG --json' in capsys.readouterr().err


def test_why_of_a_package(orchard: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'pack'
    assert main([str(orchard / 'configs/top.py'), '-o', str(out), '--no-verify', '-q']) == 0
    capsys.readouterr()
    assert main(['why', str(out), 'Apple']) == 0
    shown = capsys.readouterr().out
    assert 'orchard.trees:Apple' in shown and 'merged into it: Tree, Plant' in shown and 'built at model.tree' in shown
    assert main(['why', str(out), 'Plant']) == 0  # What was merged is told of under its new name.
    assert 'orchard.trees:Apple' in capsys.readouterr().out
    assert main(['why', str(out), 'Aple']) == 1
    assert 'near names: orchard.trees:Apple' in capsys.readouterr().err
