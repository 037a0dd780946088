"""Entries that a project makes in a library's registry: the package has them in its own."""

from __future__ import annotations

import sys
from pathlib import Path

import mmengine.registry
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import small

PARTS = """
import torch
from mmengine.model import BaseModule
from mmengine.registry import MODELS

for name in ('NAME_conv', 'NAME_unused'):
    MODELS.register_module(name, module=torch.nn.Conv1d)

@MODELS.register_module()
class NAME_Part(BaseModule):
    size = 3

@MODELS.register_module()
class NAME_Unused(BaseModule):
    pass

def make(name, **more):
    return MODELS.build(dict(type=name, **more))
"""
NET = """
from mmengine.model import BaseModule
from NAME.parts import MODELS as ROOT, make
from NAME.registry import MODELS

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self):
        super().__init__()
        self.conv = make('NAME_conv', in_channels=1, out_channels=2, kernel_size=3)
        self.part = MODELS.build(dict(type='NAME_Part'))
        self.loss = ROOT.build(dict(type='CrossEntropyLoss')) if 'CrossEntropyLoss' in ROOT else None
"""


@pytest.fixture
def root() -> mmengine.registry.Registry:
    """mmengine's registry of models."""
    return mmengine.registry.MODELS


def test_they_are_in_the_package_s_registry_only(tmp_path: Path, root: mmengine.registry.Registry) -> None:
    before = dict(root.module_dict)
    try:
        project = small(tmp_path, {'parts.py': PARTS, 'net.py': NET})
    finally:
        root.module_dict.clear()
        root.module_dict.update(before)
    name = project.name
    mine = (f'{name}_conv', f'{name}_unused', f'{name}_Part', f'{name}_Unused')
    held = f'[[each in registry.module_dict for each in {mine}] for registry in (MODELS, MODELS.parent)]'
    assert project.run(held) == '[[True, False, True, False], [False, False, False, False]]'
    assert project.run('type(net.conv).__module__, net.part.size, MODELS.parent.parent') == (
        "('torch.nn.modules.conv', 3, None)"
    )
    assert 'mmengine' not in project.text('parts').replace('from mmengine.model', '')


def test_an_entry_that_is_not_looked_up_leaves_the_library_s_registry_alone(
    tmp_path: Path, root: mmengine.registry.Registry
) -> None:
    before = dict(root.module_dict)
    net = NET.replace("make('NAME_conv', in_channels=1, out_channels=2, kernel_size=3)", 'None')
    try:
        project = small(
            tmp_path, {'parts.py': PARTS, 'net.py': net.replace("MODELS.build(dict(type='NAME_Part'))", 'None')}
        )
    finally:
        root.module_dict.clear()
        root.module_dict.update(before)
    assert 'from mmengine.registry import MODELS as ' in project.text('net')
