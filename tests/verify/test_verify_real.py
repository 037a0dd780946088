"""``verify`` on the command line: a config of our own library and one of a real one, each whole and with a fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = ROOT / 'tests' / 'projects'
TOY = PROJECTS / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'
STACKED = [f'{part}_dataloader.collate_fn.type=default_collate' for part in ('train', 'val', 'test')]
LEVELS = ['static', 'config', 'import', 'build', 'state', 'objects', 'forward', 'train', 'evaluate', 'code', 'data']
RTMPOSE = 'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-s_8xb256-420e_coco-256x192.py'


def run(*words: object, cwd: Path) -> tuple[int, str]:
    """The exit status and the output of the command line."""
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(ROOT), str(PROJECTS)])}
    command = [sys.executable, '-W', 'ignore', '-m', 'introspect_export', *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)
    return done.returncode, done.stdout + done.stderr


def recorded(out: Path) -> dict[str, tuple[str, str]]:
    """What the manifest says of each level."""
    levels = json.loads((out / 'manifest.json').read_text())['verification']
    return {level['name']: (level['outcome'], level['reason']) for level in levels}


def swap(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.slow
def test_export_verifies_as_far_as_it_is_asked_to(tmp_path: Path) -> None:
    out = tmp_path / 'out'
    status, printed = run(TOY, '-o', out, '--verify', 'data', '--cfg-options', *STACKED, cwd=tmp_path)
    assert status == 0, printed
    assert 'passed: static, config, import, build, state, objects, forward, train, evaluate, code, data (' in printed
    assert recorded(out) == dict.fromkeys(LEVELS, ('shown', ''))
    # The original is found again: its file and the options that it was exported with.
    swap(out / 'pack' / 'models' / 'utils' / 'misc.py', 'SCALE = 2.0', 'SCALE = 3.0')
    status, printed = run('verify', out, '--level', 'forward', cwd=tmp_path)
    assert status == 1, printed
    assert '  forward  FAILED' in printed
    assert '  forward  head: output differs first at (0, 0, 0, 0): original ' in printed
    assert [outcome for outcome, _ in recorded(out).values()] == ['shown'] * 6 + ['failed']


@pytest.mark.slow
def test_an_original_that_is_not_here_is_told(tmp_path: Path) -> None:
    config = tmp_path / 'mine.py'
    config.write_text(f"_base_ = ['{TOY}']\n")
    out = tmp_path / 'out'
    status, printed = run(config, '-o', out, '--no-verify', cwd=tmp_path)
    assert status == 0, printed
    config.unlink()
    status, printed = run('verify', out, '--level', 'state', '--json', cwd=tmp_path)
    assert status == 3, printed
    result = json.loads(printed)
    assert (result['ok'], result['shown']) == (True, False)
    assert result['levels'][-1]['outcome'] == 'not shown'
    assert '--config says where it is' in result['levels'][-1]['reason']


@pytest.mark.corpus
def test_a_fault_in_a_real_package_is_named(tmp_path: Path) -> None:
    out = tmp_path / 'out'
    status, printed = run(RTMPOSE, '-o', out, '--verify', 'data', cwd=tmp_path)
    assert status == 0, printed
    assert recorded(out) == dict.fromkeys(LEVELS, ('shown', ''))
    swap(out / 'pack' / 'models' / 'utils' / 'transformer.py', 'self.scale = dim**-0.5', 'self.scale = dim**-0.25')
    status, printed = run('verify', out, '--level', 'data', cwd=tmp_path)
    assert status == 1, printed
    outcome, reason = recorded(out)['objects']
    assert outcome == 'failed'
    assert reason.startswith("model.head.mlp['0'].scale: original 0.144")
