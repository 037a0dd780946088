"""What is told of types that no registry knows, of names in two scopes, and of arguments that are refused."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from mmengine.registry import MODELS

from introspect_export.inspect import inspect_config
from introspect_export.inspect.shown_paths import shown_file
from introspect_export.model import ExportError

NURSERY = """
from mmengine.registry import MODELS as ROOT, Registry
from torch import nn
MODELS = Registry('model', parent=ROOT, scope='nursery')

@MODELS.register_module()
class Basket(nn.Module):
    pass
"""


def problem(orchard: Path, **options: Any) -> list[str]:
    with pytest.raises(ExportError) as caught:
        inspect_config(orchard / 'configs/top.py', options=options)
    return str(caught.value).splitlines()


def test_the_file_that_defines_it_and_the_line_to_add(
    orchard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'own').mkdir()
    (tmp_path / 'own/fruit.py').write_text('class Pear:\n    pass\n')
    monkeypatch.chdir(tmp_path)
    lines = problem(orchard, **{'model.tree.type': 'Pear'})
    assert lines[0] == "model.tree.type (the command line, --cfg-options): no registry knows the type 'Pear'"
    assert lines[1] == '  searched, in this order: orchard::model, mmengine::model'
    assert lines[-1] == (
        "  own/fruit.py defines it; add: custom_imports = dict(imports=['own.fruit'], allow_failed_imports=False)"
    )


def test_imports_that_failed_without_a_word(orchard: Path) -> None:
    lenient = {'imports': ['orchard.pears'], 'allow_failed_imports': True}
    reason = "orchard.pears: ModuleNotFoundError: No module named 'orchard.pears'"
    lines = problem(orchard, **{'model.tree.type': 'Pear', 'custom_imports': lenient})
    assert '  ' + reason.replace(': ', ' cannot be imported: ', 1) in lines
    report = inspect_config(orchard / 'configs/top.py', options={'custom_imports': lenient}, model_only=True)
    assert any('orchard.pears of custom_imports cannot be imported' in note for note in report.notes)


def test_a_refused_argument(orchard: Path) -> None:
    (orchard / 'configs/refused.py').write_text("_base_ = './top.py'\nmodel = dict(tree=dict(colur=1))\n")
    with pytest.raises(ExportError) as caught:
        inspect_config(orchard / 'configs/refused.py')
    where = shown_file(str(orchard / 'configs/refused.py'))
    assert caught.value.problems == (
        f"model.tree.colur ({where}:2): Apple takes no argument 'colur'; did you mean colour?",
    )


def test_which_of_two_scopes_was_taken(orchard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'nursery.py').write_text(NURSERY)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module('nursery')
    try:
        report = inspect_config(orchard / 'configs/top.py', model_only=True)
        (basket,) = report.find('model.basket')
        assert basket.rule == "'Basket' is in nursery too; orchard's was taken: orchard is the scope in force"
        options = {'model.box': dict(type='nursery.Basket', _delete_=True)}
        (box,) = inspect_config(orchard / 'configs/top.py', options=options, model_only=True).find('model.box')
        assert (box.name, str(box.symbol)) == ('nursery:Basket', 'nursery:Basket')
        assert box.rule.endswith("nursery's was taken: the type is written 'nursery.Basket'")
    finally:
        del MODELS.children['nursery'], sys.modules['nursery']
