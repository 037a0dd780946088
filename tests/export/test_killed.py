"""Exports and batches that are killed: a small share of what ``scripts/kill_export.py`` does at random moments."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from introspect_export import export

sys.path.insert(0, str(Path(__file__).parents[2] / 'scripts'))
from killing import Moments, faults, forked, going_on, kill_of_batch, names, one_batch, one_export

FILES = {
    'killed_lib/__init__.py': '',
    'killed_lib/registry.py': """
from mmengine.registry import MODELS as PARENT
from mmengine.registry import Registry

MODELS = Registry('model', parent=PARENT, locations=['killed_lib.net'])
""",
    'killed_lib/net.py': """
from mmengine.model import BaseModel
from killed_lib.registry import MODELS


@MODELS.register_module()
class KilledNet(BaseModel):
    def forward(self, inputs):
        return inputs
""",
    'config.py': "default_scope = 'killed_lib'\nmodel = dict(type='KilledNet')\n",
}


@pytest.fixture
def config(small_project: Callable[[Mapping[str, str]], Path]) -> Path:
    """The config of a small library."""
    return small_project(FILES) / 'config.py'


def test_killed_in_any_stage_an_export_leaves_the_old_or_the_new_package(config: Path, tmp_path: Path) -> None:
    new = names(export(config, tmp_path / 'new', verify=None).out)
    old = names(export(config, tmp_path / 'old', verify=None, options={'work_dir': './elsewhere'}).out)
    assert new != old
    places = [('load', 5), ('observe', 40), ('reach', 3), ('link', 3), ('emit', 3), ('emit', 60), ('verify', 30)]
    for stage, moment in places:
        folder = tmp_path / f'{stage}_{moment}'
        (folder / 'temporary').mkdir(parents=True)
        shutil.copytree(tmp_path / 'old', folder / 'out')
        level = 'import' if stage == 'verify' else None
        status = forked(partial(one_export, str(config), folder / 'out', Moments(stage, moment), level), folder)
        assert os.WIFSIGNALED(status), stage
        assert faults(folder, [folder / 'out'], {new, old}) == []


def test_killed_at_work_with_all_its_processes_a_batch_goes_on_when_it_is_run_again(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PYTHONPATH', str(config.parent))
    (tmp_path / 'temporary').mkdir()
    hold = tmp_path / 'hold'
    hold.touch()
    wait = f"while __import__('os').path.exists({str(hold)!r}):\n    __import__('time').sleep(0.02)\n"
    config.write_text(wait + config.read_text())

    def kill(child: int) -> None:
        while not list(tmp_path.glob('temporary/.introspect_export_*/job_*/*')):
            time.sleep(0.02)
        assert kill_of_batch('all', child, tmp_path)

    working = partial(one_batch, [str(config)], tmp_path / 'out', None)
    assert os.WIFSIGNALED(forked(working, tmp_path, kill))
    assert faults(tmp_path, [], set()) == []
    hold.unlink()
    assert forked(working, tmp_path) == 0
    (out,) = [each.parent for each in tmp_path.rglob('manifest.json')]
    assert faults(tmp_path, [out], set()) == []
    assert not going_on(tmp_path)
