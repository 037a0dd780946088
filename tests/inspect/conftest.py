"""A small project with mistakes in its config, and what inspecting it gives."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from introspect_export.inspect import Report, inspect_config

FILES = {
    'orchard/__init__.py': '',
    'orchard/registry.py': """
from mmengine.registry import MODELS as ROOT, Registry
MODELS = Registry('model', parent=ROOT, scope='orchard', locations=['orchard.trees'])
""",
    'orchard/trees.py': """
from mmengine.model import BaseModel, BaseModule
from torch import nn
from orchard.registry import MODELS


class Plant(BaseModule):
    height = 1

    def __init__(self, size, colour='green', init_cfg=None):
        super().__init__(init_cfg)
        self.size = size
        self.leaf = nn.Linear(size, 1)

    def grow(self):
        return self.size

    def rest(self):
        return 'plant'


class Tree(Plant):
    def __init__(self, *args, rings=3, **kwargs):
        super().__init__(*args, **kwargs)
        self.rings = rings

    def grow(self):
        return super().grow() + self.rings

    def rest(self):
        return 'tree'


@MODELS.register_module()
class Apple(Tree):
    def __init__(self, kind='red', **kwargs):
        super().__init__(rings=7, **kwargs)
        self.kind = kind

    def rest(self):
        return 'apple'


@MODELS.register_module()
class Basket(nn.Module):
    def __init__(self, weight=1, **kwargs):
        super().__init__()
        self.weight = weight


@MODELS.register_module()
class Box(nn.Module):
    def __init__(self, **kwargs):
        super().__init__()
        self.kept = kwargs


@MODELS.register_module()
class Garden(BaseModel):
    def __init__(self, tree, basket, box, data_preprocessor=None):
        super().__init__(data_preprocessor)
        self.tree = MODELS.build(tree)
        self.basket = MODELS.build(dict(basket, weight=5))
        self.box = MODELS.build(box)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return inputs
""",
    'configs/base.py': """
size = 2
model = dict(
    type='Garden',
    tree=dict(type='Apple', size=size, kind='green', colour='brown'),
    basket=dict(type='Basket', old=1),
    box=dict(type='Box', anything=1))
default_scope = 'orchard'
""",
    'configs/middle.py': """
_base_ = './base.py'
model = dict(
    tree=dict(kind='yellow'),
    basket=dict(_delete_=True, type='Basket', wieght=2))
""",
    'configs/top.py': """
_base_ = ['./middle.py']
sort = 'blue'
model = dict(tree=dict(kind=sort))
optim_wraper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))
""",
    'configs/other.py': """
_base_ = './top.py'
model = dict(tree=dict(size=3), box=dict(type='Basket', _delete_=True))
""",
}


@pytest.fixture(scope='session')
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the project; its package can be imported."""
    folder = tmp_path_factory.mktemp('orchard')
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip('\n'))
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope='session')
def report(orchard: Path) -> Report:
    """What inspecting the top config gives."""
    return inspect_config(orchard / 'configs/top.py')
