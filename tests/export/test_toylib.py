"""A library in small, exported and compared to itself."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from introspect_export import ExportResult, export

PROJECTS = Path(__file__).parents[1] / 'projects'
CONFIG = PROJECTS / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'
BEHAVE = Path(__file__).parent / 'behave.py'


def behave(*args: Path, cwd: Path) -> dict[str, Any]:
    """What the script prints in a fresh interpreter."""
    environment = {**os.environ, 'PYTHONPATH': str(PROJECTS)}
    command = [sys.executable, '-W', 'ignore', str(BEHAVE), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def pack_config(out: Path) -> Path:
    (config,) = (out / 'pack' / 'configs').rglob('*.py')
    return config


@pytest.fixture(scope='module', params=['observed', 'all', 'none'])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ExportResult]:
    """toylib's config, exported under each way of flattening."""
    folder = tmp_path_factory.mktemp('toylib')
    sys.path.insert(0, str(PROJECTS))
    try:
        return request.param, export(CONFIG, folder / 'out', flatten=request.param)
    finally:
        sys.path.remove(str(PROJECTS))


def test_the_package_behaves_as_the_original_without_it(exported: tuple[str, ExportResult], tmp_path: Path) -> None:
    mode, result = exported
    original = behave(CONFIG, cwd=tmp_path)
    packed = behave(pack_config(result.out), result.out, cwd=tmp_path)
    bases = packed.pop('bases')
    assert original.pop('bases') == ['ScoreMixin', 'DenseHead']
    assert packed == original
    assert bases == (['ScoreMixin', 'DenseHead'] if mode == 'none' else ['BaseModule'])


def test_only_what_is_reached_is_there(exported: tuple[str, ExportResult]) -> None:
    _, result = exported
    text = '\n'.join(path.read_text() for path in result.out.rglob('*.py'))
    assert '# A comment that must survive.' in text
    assert '# How much wider the second block is.' in text
    assert 'def scaled' in text
    assert 'def unused' not in text
    assert '_UNUSED' not in text


def test_nothing_names_the_origin(exported: tuple[str, ExportResult]) -> None:
    _, result = exported
    for path in result.out.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith('toylib') for alias in node.names), path
            elif isinstance(node, ast.ImportFrom):
                assert not (node.module or '').startswith('toylib'), path
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.startswith('toylib.'), path


def test_the_origins_symbols_have_their_reasons(exported: tuple[str, ExportResult]) -> None:
    _, result = exported
    manifest = json.loads((result.out / 'manifest.json').read_text())
    why = {each['symbol']: each['why'] for each in manifest['symbols']}
    assert why['toylib.models.detector:Detector'] == ['toylib.models.detector:Detector built at model']
    assert all(chain for chain in why.values())
    assert any('type' in step for step in why['toylib.models.heads.dense_head:DenseHead']) or any(
        'built at' in step for step in why['toylib.models.heads.dense_head:DenseHead']
    )


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, '-m', 'introspect_export', str(CONFIG), '--no-verify', '-q', '-o']
    for seed in ('1', '2'):
        environment = {**os.environ, 'PYTHONPATH': str(PROJECTS), 'PYTHONHASHSEED': seed}
        subprocess.run([*command, str(tmp_path / seed / 'out')], check=True, env=environment, cwd=tmp_path)
    trees = [
        {
            path.relative_to(tmp_path / seed).as_posix(): path.read_bytes()
            for path in (tmp_path / seed).rglob('*')
            if path.is_file()
        }
        for seed in ('1', '2')
    ]
    manifests = [json.loads(tree.pop('out/manifest.json')) for tree in trees]
    for manifest in manifests:
        manifest.pop('command')
    assert trees[0] == trees[1]
    assert manifests[0] == manifests[1]
