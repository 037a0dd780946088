"""Two exported packages in one process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from introspect_export import export

PROJECTS = Path(__file__).parents[1] / 'projects'
CONFIG = PROJECTS / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'
SCRIPT = Path(__file__).parent / 'packages_together.py'


def test_two_packages_do_not_get_into_each_others_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECTS))
    first = export(CONFIG, tmp_path / '1', verify=None).out / 'pack'
    second = export(CONFIG, tmp_path / '2', verify=None, options={'model.head.type': 'DenseHead'}).out / 'pack'
    folder = tmp_path / 'both'
    shutil.copytree(first, folder / 'one')
    shutil.copytree(second, folder / 'two')
    shutil.copytree(first, folder / 'inner' / 'three')
    shutil.copytree(first, tmp_path / 'packed' / 'four')
    shutil.make_archive(str(folder / 'four'), 'zip', tmp_path / 'packed')
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data' / 'train.txt').write_text('1\n2\n')
    for each in [folder, *folder.rglob('*')]:
        each.chmod(0o555 if each.is_dir() else 0o444)
    environment = {**os.environ, 'TMPDIR': str(tmp_path)}
    command = [sys.executable, '-W', 'ignore', str(SCRIPT), str(folder), str(tmp_path / 'data')]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    for each in [folder, *folder.rglob('*')]:
        if each.is_dir():
            each.chmod(0o755)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-2:] == ['workers [1.5, 2.5]', 'done']
