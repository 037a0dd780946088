"""Data files of an origin: found by its package wherever that lies, however they were read."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.parametrize('imported_before', [False, True])
def test_files_that_code_reads_are_in_the_package(
    small_project: Callable[..., Path], printed: Callable[[Path, str], str], imported_before: bool
) -> None:
    project = small_project(FILES)
    if imported_before:
        importlib.import_module('cellar.parts.rack')
    out = project / 'out'
    export(project / 'config.py', out, verify=None)
    data = sorted(file.relative_to(out / 'pack').as_posix() for file in (out / 'pack').rglob('*.txt'))
    assert data == ['data/years.txt', 'parts/labels.txt']
    moved = project / 'elsewhere'
    out.rename(moved)
    script = "import pack\nfrom pack.registry import MODELS\nprint(*MODELS.build(dict(type='Rack'))(None))\n"
    assert printed(moved, script).split() == ['red', 'white', '1999', '2001']
