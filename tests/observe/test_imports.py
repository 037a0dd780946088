"""What is said of imports that fail: the module, the line and the reason, never a consequence of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from mmengine.config import Config

from introspect_export.cli.flatten_command import _class
from introspect_export.load.config_reading import load_config
from introspect_export.model import ExportError
from introspect_export.observe.observer import observe_config

ROOT = Path(__file__).parents[2]
_REGISTRY = "from mmengine.registry import MODELS as PARENT, Registry\nMODELS = Registry('m', parent=PARENT{more})\n"
_NET = 'from ground2.registry import MODELS\n\n\n@MODELS.register_module()\nclass Xyzzyx:\n    pass\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / 'on_path')
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith('ground'):
            del sys.modules[name]


def failure(folder: Path, files: Mapping[str, str], config: str) -> list[str]:
    """The problems of a config that cannot be observed, without the folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / 'conf').mkdir(exist_ok=True)
    (folder / 'conf' / 'config.py').write_text(config)
    with pytest.raises(ExportError) as caught:
        observe_config(load_config(folder / 'conf' / 'config.py'))
    return '\n'.join(caught.value.problems).replace(str(folder), 'HERE').splitlines()


def custom(*modules: str, passing: bool = False) -> str:
    imports = f'dict(imports={list(modules)}, allow_failed_imports={passing})'
    return f'custom_imports = {imports}\nmodel = dict(type="Xyzzyx")\n'


def test_a_scope_whose_package_fails(folder: Path) -> None:
    files = {'on_path/ground1/__init__.py': '"""A package."""\nassert False, "ground 1 needs\\nsoil 2"\n'}
    lines = failure(folder, files, "default_scope = 'ground1'\nmodel = dict(type='Xyzzyx')\n")
    assert lines == [
        "model.type: no registry knows the type 'Xyzzyx'",
        '  searched, in this order: mmengine::model',
        '  ground1 cannot be imported: HERE/on_path/ground1/__init__.py:2: AssertionError: ground 1 needs soil 2',
    ]


def test_a_location_of_a_registry_that_fails(folder: Path) -> None:
    files = {
        'on_path/ground2/__init__.py': '',
        'on_path/ground2/registry.py': _REGISTRY.format(more=", locations=['ground2.nets']"),
        'on_path/ground2/nets/__init__.py': 'from .net import Xyzzyx\nfrom .lost import Lost\n',
        'on_path/ground2/nets/net.py': _NET,
    }
    lines = failure(folder, files, "default_scope = 'ground2'\nmodel = dict(type='Xyzzyx')\n")
    assert lines[-1] == (
        '  ground2.nets cannot be imported: HERE/on_path/ground2/nets/__init__.py:2: '
        "ModuleNotFoundError: No module named 'ground2.nets.lost'"
    )


def test_a_scope_that_is_not_installed(folder: Path) -> None:
    lines = failure(folder, {}, "default_scope = 'groundless'\nmodel = dict(type='Xyzzyx')\n")
    assert lines[-1].startswith("  the package 'groundless' is not installed here")


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ("raise ValueError('of my own')\n", 'ground3.py:1: ValueError: of my own'),
        ("raise ValueError('one of these:')\n", 'ground3.py:1: ValueError: one of these:'),
        ('raise ValueError\n', 'ground3.py:1: ValueError'),
        ('\nraise SystemExit(3)\n', 'ground3.py:2: SystemExit: 3'),
        ('def f(:\n', 'ground3.py:1: SyntaxError: invalid syntax'),
        ('from os import no_such_name\n', "ground3.py:1: ImportError: cannot import name 'no_such_name' from 'os'"),
    ],
)
def test_a_custom_import_that_raises(folder: Path, text: str, reason: str) -> None:
    (line,) = failure(folder, {'on_path/ground3.py': text}, custom('ground3'))
    assert line.startswith(f"HERE/conf/config.py: custom_imports: 'ground3' cannot be imported: HERE/on_path/{reason}")


def test_a_custom_import_that_needs_another_module(folder: Path) -> None:
    files = {'on_path/ground4.py': 'import ground_water.deep\n'}
    (line,) = failure(folder, files, custom('ground4'))
    assert "HERE/on_path/ground4.py:1: ModuleNotFoundError: No module named 'ground_water'" in line
    assert f'it must be installed for {sys.executable}' in line


@pytest.mark.parametrize('place', ['conf', '.'])
def test_a_plug_in_beside_the_config_or_in_the_working_folder(
    folder: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, 'path', [entry for entry in sys.path if entry not in ('', str(folder))])
    (line,) = failure(folder, {f'{place}/ground5/part.py': ''}, custom('ground5.part'))
    where = 'HERE/conf' if place == 'conf' else 'HERE'
    assert line.endswith(f'run it again after: export PYTHONPATH={where}')


def test_all_custom_imports_that_fail_are_named_and_those_that_may_fail_pass(folder: Path) -> None:
    lines = failure(folder, {'on_path/ground6.py': '1 / 0\n'}, custom('ground6', 'ground7'))
    assert [line.split("'")[1] for line in lines] == ['ground6', 'ground7']
    # Only an ImportError may pass, as for mmengine itself.
    assert len(failure(folder, {}, custom('ground6', 'ground7', passing=True))) == 1
    (folder / 'on_path' / 'ground6.py').write_text('import ground_water\n')
    assert 'ground6 cannot be imported' in failure(folder, {}, custom('ground6', passing=True))[-1]


def test_flatten_names_the_line_of_a_module_that_fails(folder: Path) -> None:
    (folder / 'on_path').mkdir()
    (folder / 'on_path' / 'ground8.py').write_text('import os\nos.no_such_function()\n')
    with pytest.raises(ExportError, match=r'ground8:A: ground8 cannot be imported: .*ground8\.py:2: AttributeError'):
        _class('ground8:A')
    with pytest.raises(ExportError, match=r"ground9\.deep cannot be imported: No module named 'ground9'"):
        _class('ground9.deep:A')


@pytest.mark.parametrize('missing', ['torch', 'mmengine'])
def test_what_the_program_needs_is_not_installed(folder: Path, missing: str) -> None:
    Config(dict(model=dict(type='Xyzzyx'))).dump(str(folder / 'config.py'))
    script = f"""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] == {missing!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)

sys.path.insert(0, {str(ROOT)!r})
sys.meta_path.insert(0, Missing())
from introspect_export.cli import main
sys.exit(main(['config.py', '-o', 'out']))
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 1
    advice = f'install it into that environment: {sys.executable} -m pip install {missing}'
    assert done.stderr == f'error: {missing} is not installed for {sys.executable}; {advice}\n'
    assert not (folder / 'out').exists()
