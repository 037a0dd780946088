"""Packages without the compiled operators of the library that their config uses."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'


@pytest.mark.corpus
def test_a_detector_without_mmcv(tmp_path: Path) -> None:
    out = tmp_path / 'out'
    options = ['--intern', 'mmcv', '--substitute', 'mmcv', '--verify', 'objects', '--json']
    command = [sys.executable, '-m', 'introspect_export', CONFIG, '-o', str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    levels = {each['name']: each['outcome'] for each in json.loads(done.stdout)['verification']['levels']}
    assert levels == dict.fromkeys(('static', 'config', 'import', 'build', 'state', 'objects'), 'shown')
    assert 'mmcv' in json.loads((out / 'manifest.json').read_text())['origins']
    modules = {module.partition('.')[0] for file in out.rglob('*.py') for module in imported(file)}
    assert not modules & {'mmcv', 'mmdet'}
    assert {'torchvision', 'mmengine'} <= modules
    assert 'mmcv' not in (out / 'requirements.txt').read_text()
    assert (out / 'pack' / '_ext' / 'suppression.py').is_file()
    assert not (out / 'pack' / '_ext' / 'deformable.py').exists()


def imported(file: Path) -> list[str]:
    """The absolute modules that a file imports."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or '' for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
