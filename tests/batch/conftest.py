"""Configs of a small library, some of which cannot be exported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from introspect_export.batch.servers import serving

PROJECTS = Path(__file__).parents[1] / 'projects'
FANCY = PROJECTS / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'


@pytest.fixture(scope='session', autouse=True)
def servers() -> Iterator[None]:
    """Keep this process's servers from test to test: starting one takes longer than most tests."""
    with serving():
        yield


@pytest.fixture
def configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of configs that build toylib's models; the working folder is the one above it."""
    folder = tmp_path / 'configs'
    good = f"_base_ = '{FANCY}'\nrandomness = dict(seed={{}})\n"
    texts = {
        'a+b/net.py': good.format(1),
        'a+b/other.py': good.format(2),
        'c/net.py': good.format(3),
        '_base_/piece.py': 'model = dict()',
        'broken/unknown.py': f"_base_ = '{FANCY}'\nmodel = dict(backbone=dict(type='NoSuchBackbone'))\n",
        'broken/dies.py': "__import__('os').kill(__import__('os').getpid(), 9)\nmodel = dict()\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    path = [str(PROJECTS), *os.environ.get('PYTHONPATH', '').split(os.pathsep)]
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join(one for one in path if one))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(PROJECTS))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.partition('.')[0] == 'toylib':
            del sys.modules[name]
