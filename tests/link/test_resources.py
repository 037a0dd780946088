"""Data files of an origin: found by its package wherever that lies, however they were read."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mmengine.registry import MODELS

from introspect_export import export

FILES = {
    'cellar/__init__.py': '',
    'cellar/registry.py': """
from mmengine.registry import MODELS as ROOT, Registry
MODELS = Registry('model', parent=ROOT, scope='cellar', locations=['cellar.parts.rack'])
""",
    'cellar/parts/__init__.py': '',
    'cellar/parts/labels.py': """
import os.path as osp
HERE = osp.dirname(osp.abspath(__file__))
with open(osp.join(HERE, 'labels.txt')) as file:
    LABELS = file.read().split()
NAMED_AND_NOT_THERE = 'nothing.txt'

def years():
    with open(osp.join(osp.dirname(__file__), '..', 'data', 'years.txt')) as file:
        return file.read().split()
""",
    'cellar/parts/labels.txt': 'red white',
    'cellar/parts/unused.txt': 'none',
    'cellar/data/years.txt': '1999 2001',
    'cellar/parts/rack.py': """
from mmengine.model import BaseModel
from cellar.parts.labels import LABELS, years
from cellar.registry import MODELS

@MODELS.register_module()
class Rack(BaseModel):
    def forward(self, inputs, data_samples=None, mode='tensor'):
        return LABELS + years()
""",
    'config.py': "default_scope = 'cellar'\nmodel = dict(type='Rack')\n"
    "custom_imports = dict(imports=['cellar.parts.rack'], allow_failed_imports=False)\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition('.')[0] == 'cellar']:
        del sys.modules[name]
    MODELS.children.pop('cellar', None)


@pytest.mark.parametrize('imported_before', [False, True])
def test_files_that_code_reads_are_in_the_package(project: Path, imported_before: bool) -> None:
    if imported_before:
        importlib.import_module('cellar.parts.rack')
    out = project / 'out'
    export(project / 'config.py', out, verify=None)
    data = sorted(file.relative_to(out / 'pack').as_posix() for file in (out / 'pack').rglob('*.txt'))
    assert data == ['data/years.txt', 'parts/labels.txt']
    moved = project / 'elsewhere'
    out.rename(moved)
    script = "import pack\nfrom pack.registry import MODELS\nprint(*MODELS.build(dict(type='Rack'))(None))\n"
    command = [sys.executable, '-W', 'ignore', '-c', script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=moved, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['red', 'white', '1999', '2001']
