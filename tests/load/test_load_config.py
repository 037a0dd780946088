"""Finding and reading configs."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from mmengine.config import Config, ConfigDict
from mmengine.logging import MMLogger

from introspect_export.batch.config_patterns import expand
from introspect_export.load import load_config
from introspect_export.model.diagnostics import ExportError


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """A config with two bases."""
    write(tmp_path, '_base_/model.py', "model = dict(type='Net', depth=50, neck=dict(type='Neck'))\n")
    write(tmp_path, '_base_/run.py', "default_scope = 'net'\n")
    text = "_base_ = ['_base_/model.py', '_base_/run.py']\nmodel = dict(depth=101)\n"
    return write(tmp_path, 'net-101.py', text)


@pytest.mark.parametrize('name', ['net.py', 'gn+ws/net-1.x_8xb2.py', 'a folder/my net.py', 'v1.0/net.v2.py'])
def test_reads_any_file_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, "model = dict(type='Net')\n")
    loaded = load_config(path)
    assert loaded.config.model == {'type': 'Net'}
    assert loaded.file == str(path)
    assert loaded.name == Path(name).stem.replace(' ', '_')


def test_merges_bases_and_names_the_files_read(family: Path) -> None:
    loaded = load_config(str(family))
    assert loaded.config.model == {'type': 'Net', 'depth': 101, 'neck': {'type': 'Neck'}}
    assert loaded.config.default_scope == 'net'
    assert [Path(file).name for file in loaded.files] == ['net-101.py', 'model.py', 'run.py']


def test_reads_pure_python_configs(tmp_path: Path) -> None:
    write(tmp_path, 'base.py', 'from torch import nn\nmodel = dict(type=nn.Linear, in_features=3)\n')
    text = 'from mmengine.config import read_base\nwith read_base():\n    from .base import *\n'
    text += 'model.update(out_features=4)\n'
    loaded = load_config(write(tmp_path, 'new.py', text))
    assert loaded.config.model.out_features == 4
    assert [Path(file).name for file in loaded.files] == ['new.py', 'base.py']


def test_takes_configs_and_mappings_without_changing_them() -> None:
    config = Config({'model': {'type': 'Net', 'depth': 50}})
    assert load_config(config, options={'model.depth': 18}).config.model.depth == 18
    assert config.model.depth == 50
    given = {'model': {'type': 'Net', 'depth': 50}}
    loaded = load_config(given, options={'model.depth': 18})
    assert isinstance(loaded.config.model, ConfigDict)
    assert given == {'model': {'type': 'Net', 'depth': 50}}
    assert (loaded.file, loaded.files, loaded.name) == ('', (), 'config')


def test_options_override(family: Path) -> None:
    loaded = load_config(family, options={'model.neck.type': 'Other', 'default_scope': 'else'})
    assert loaded.config.model.neck.type == 'Other'
    assert loaded.config.default_scope == 'else'


def test_leaves_the_process_as_it_was(family: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DEPTH', '34')
    lines = ["model = dict(depth={{'$DEPTH:50'}})", "__import__('random').seed(0)"]
    lines.append("__import__('os').environ['NEW'] = '1'")
    family.write_text('\n'.join(lines))
    state, loggers = random.getstate(), dict(MMLogger._instance_dict)
    assert load_config(family).config.model.depth == 34
    assert random.getstate() == state
    assert dict(MMLogger._instance_dict) == loggers
    assert 'NEW' not in os.environ


def problem(config: object, **options: object) -> str:
    with pytest.raises(ExportError) as caught:
        load_config(config, **options)  # type: ignore[arg-type]
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def test_a_missing_file_names_near_ones(family: Path) -> None:
    assert problem(family.with_name('net-l01.py')).endswith("net-l01.py'; near names: net-101.py")
    assert 'is a folder' in problem(family.parent)
    assert 'does not exist' in problem(family.parent / 'nowhere' / 'net.py')


def test_a_syntax_error_has_its_line(family: Path) -> None:
    base = family.parent / '_base_/model.py'
    base.write_text('# The model.\nmodel = dict(depth=50\n\n')
    assert f'{base}:2: syntax error' in problem(family)


def test_an_error_while_executing_has_its_line(family: Path) -> None:
    family.write_text('depth = 50\nmodel = dict(depth=deptth)\n')
    assert problem(family) == f"{family}:2: NameError: name 'deptth' is not defined"


def test_a_missing_base_has_the_line_that_names_it(family: Path) -> None:
    family.write_text("model = dict()\n_base_ = [\n    '_base_/modle.py',\n]\n")
    message = problem(family)
    assert message.startswith(f'{family}:3: ')
    assert message.endswith('_base_/modle.py does not exist')


def test_an_option_that_does_not_fit(family: Path) -> None:
    assert 'the config options do not fit net-101' in problem(family, options={'model.depth.deep': 1})


def project(folder: Path, name: str, configs: str) -> None:
    """A package that must not be imported to find its configs."""
    write(folder, f'{name}/__init__.py', "raise RuntimeError('imported')\n")
    write(folder, f'{configs}/net/net_1.x.py', "model = dict(type='Net')\n")


@pytest.mark.parametrize('configs', ['birdlib/.mim/configs', 'configs', 'birdlib/configs'])
@pytest.mark.parametrize('prefix', ['', 'configs/'])
def test_finds_configs_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configs: str, prefix: str) -> None:
    project(tmp_path, 'birdlib', configs)
    monkeypatch.syspath_prepend(tmp_path)
    loaded = load_config(f'birdlib::{prefix}net/net_1.x.py')
    assert loaded.file == str(tmp_path / configs / 'net/net_1.x.py')
    assert (loaded.repo, loaded.name) == ('birdlib', 'net_1.x')


def test_knows_the_package_around_an_installed_config(tmp_path: Path) -> None:
    project(tmp_path, 'birdlib', 'birdlib/.mim/configs')
    assert load_config(tmp_path / 'birdlib/.mim/configs/net/net_1.x.py').repo == 'birdlib'
    project(tmp_path, 'birdlib', 'birdlib/src/configs')
    assert load_config(tmp_path / 'birdlib/src/configs/net/net_1.x.py').repo == '', 'nobody has installed it'


def test_missing_configs_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, 'birdlib', 'birdlib/.mim/configs')
    monkeypatch.syspath_prepend(tmp_path)
    assert 'near names: birdlib::net/net_1.x.py' in problem('birdlib::net/net_2.x.py')
    # The right name in the wrong folder.
    assert 'near names: birdlib::net/net_1.x.py' in problem('birdlib::a/b/c/d/e/f/g/h/i/net_1.x.py')
    assert problem('birdlob::net.py').startswith('birdlob: no such package is installed here; near names: birdlib')


@pytest.mark.corpus
@pytest.mark.parametrize(
    'name',
    [
        'mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
        'configs/mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
        'gn+ws/faster-rcnn_r101_fpn_gn-ws-all_1x_coco.py',
        'legacy_1.x/cascade-mask-rcnn_r50_fpn_1x_coco_v1.py',
    ],
)
def test_reads_installed_configs(name: str) -> None:
    pytest.importorskip('mmdet')
    loaded = load_config(f'mmdet::{name}')
    assert loaded.config.default_scope == 'mmdet'
    assert loaded.name == Path(name).stem
    assert len(loaded.files) > 3


def test_what_cannot_be_copied_is_the_users_to_mend() -> None:
    round_trip: dict[str, object] = {}
    round_trip['again'] = round_trip
    for value in ((each for each in ()), round_trip):
        with pytest.raises(ExportError, match='cannot be copied'):
            load_config({'model': {'type': 'Net', 'value': value}})


@pytest.mark.parametrize('name', ['n' * 300 + '.py', 'birdlib::' + 'n' * 300 + '.py', 'a\nb.py', 'a\0b.py', 'n' * 5000])
def test_a_name_that_no_file_can_have_is_no_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    project(tmp_path, 'birdlib', 'birdlib/.mim/configs')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert problem(name).startswith('no config ')
    with pytest.raises(ExportError, match='no config '):
        expand([name])
