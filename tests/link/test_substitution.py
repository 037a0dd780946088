"""Modules that are replaced while a config is exported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / 'reach'))
from small_projects import small

from introspect_export import ExportError, export
from introspect_export.substitution import read_substitutions, substituted

LOADER = """
import importlib

def load(name):
    return importlib.import_module('NAME.' + name)
"""
OPERATOR = """
from NAME.loader import load

compiled = load('_fast')

def double(x):
    return compiled.twice(x)

def triple(x):
    return compiled.thrice(x)
"""
NET = """
from mmengine.model import BaseModule
from NAME.operator import {0}
from NAME.registry import MODELS

@MODELS.register_module()
class Net(BaseModule):
    def go(self):
        return {0}(4)
"""
PORTABLE = """
import math

def twice(x):
    return math.prod((x, 2))

def unused():
    return None

def __getattr__(name):
    return None
"""


def project_files(operator: str) -> dict[str, str]:
    """A project whose operators are in a module that cannot be imported."""
    fast = 'raise ImportError("not compiled here")\n'
    return {'loader.py': LOADER, '_fast.py': fast, 'operator.py': OPERATOR, 'net.py': NET.format(operator)}


def with_names_made_up(files: dict[str, str]) -> dict[str, str]:
    """The project with an operator that evaluates text, so that all of its module is in the package."""
    return {**files, 'operator.py': files['operator.py'] + '\ndef chosen(x):\n    return eval("double")(x)\n'}


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table that replaces the compiled module of the next project."""
    import small_projects

    number = next(small_projects._numbers)
    monkeypatch.setattr(small_projects, '_numbers', iter((number,)))
    name = f'small_{number}_{abs(hash(tmp_path)) % 10**6}'
    (tmp_path / 'portable.py').write_text(PORTABLE)
    file = tmp_path / 'table.toml'
    file.write_text(f'[modules]\n"{name}._fast" = "portable.py"\n')
    return file


def test_a_module_that_a_call_returned_is_replaced(tmp_path: Path, table: Path) -> None:
    project = small(tmp_path, project_files('double'), substitute=[table])
    assert project.run('net.go()') == '8'
    assert 'from ._fast import twice' in project.text('operator')
    assert 'triple' not in project.text('operator')
    assert not project.has('loader')
    assert 'unused' not in project.text('_fast')


def test_a_module_that_a_call_returned_is_not_loaded_for_names_that_are_made_up(tmp_path: Path, table: Path) -> None:
    files = with_names_made_up(project_files('chosen'))
    files['operator.py'] = files['operator.py'].replace('compiled.thrice', 'compiled.twice')
    project = small(tmp_path, files, substitute=[table])
    assert project.run('net.go()') == '8'
    assert not project.has('loader')


def test_what_a_replacement_lacks_is_an_error_with_its_place(tmp_path: Path, table: Path) -> None:
    with pytest.raises(
        ExportError, match=r"operator\.py:10: cannot import name 'thrice' from '\w+\._fast', which .*portable\.py"
    ):
        small(tmp_path, project_files('triple'), substitute=[table])


def test_a_library_s_module_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / 'portable.py').write_text(PORTABLE)
    table = tmp_path / 'table.toml'
    table.write_text('[modules]\n"colorsys" = "portable.py"\n')
    sys.modules.pop('colorsys', None)
    with pytest.raises(
        ExportError, match='replaces colorsys, of a package that stays a library: add --intern colorsys'
    ):
        small(tmp_path, {'net.py': NET.replace('NAME.operator', 'math').format('sqrt')}, substitute=[table])


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('[modules', 'Expected'),
        ('[others]\n', r'it must consist of a table \[modules\]'),
        ('more = 1\n[modules]\n', r'it must consist of a table \[modules\]'),
        ('[modules]\n"a.b" = "missing.py"\n', r'modules\."a\.b": .*missing\.py is no Python file'),
        ('[modules]\n"a.b" = "table.toml"\n', 'is no Python file'),
    ],
)
def test_a_table_that_is_no_table(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / 'table.toml').write_text(text)
    with pytest.raises(ExportError, match=message):
        read_substitutions([tmp_path / 'table.toml'])


def test_a_table_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(
        ExportError, match='nothing: No such file or directory; --substitute takes a TOML file or one of: mmcv'
    ):
        read_substitutions(['nothing'])


def test_the_modules_of_a_live_model_are_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match='substitute: the modules of a live model are imported already'):
        export(torch.nn.Linear(1, 1), tmp_path / 'out', substitute=['mmcv'])


def test_a_module_that_is_imported_already_cannot_be_replaced(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match='json is imported already'), substituted({'json': tmp_path / 'a.py'}):
        pass
