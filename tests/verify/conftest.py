"""A small pack made by hand."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CONFIG = """
default_scope = 'pack'
data_preprocessor = dict(type='BaseDataPreprocessor')
model = dict(type='Net', width=4, test_cfg=dict(nms=dict(type='nms')))
train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        type='RepeatDataset', times=2,
        dataset=dict(type='Things', data_root='data/things/', ann_file='a.json', pipeline=[dict(type='Halve')])),
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'))
val_dataloader = None
train_cfg = dict(type='MyLoop', max_epochs=2)
val_evaluator = [dict(type='Score'), dict(type='FileScore', ann_file='data/things/a.json')]
default_hooks = dict(timer=dict(type='IterTimerHook'), mine=dict(type='MyHook', priority='LOW'))
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))
param_scheduler = [dict(type='MultiStepLR', milestones=[1], by_epoch=True)]
visualizer = dict(type='Visualizer', vis_backends=[dict(type='LocalVisBackend')])
log_processor = dict(type='LogProcessor')
"""

REGISTRY = """
from mmengine.registry import DATASETS as ROOT_DATASETS, HOOKS as ROOT_HOOKS, METRICS as ROOT_METRICS
from mmengine.registry import LOOPS as ROOT_LOOPS, MODELS as ROOT_MODELS, TRANSFORMS as ROOT_TRANSFORMS, Registry

MODELS = Registry('model', parent=ROOT_MODELS, scope='pack')
DATASETS = Registry('dataset', parent=ROOT_DATASETS, scope='pack')
TRANSFORMS = Registry('transform', parent=ROOT_TRANSFORMS, scope='pack')
METRICS = Registry('metric', parent=ROOT_METRICS, scope='pack')
HOOKS = Registry('hook', parent=ROOT_HOOKS, scope='pack')
LOOPS = Registry('loop', parent=ROOT_LOOPS, scope='pack')
"""

PARTS = """
import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import EpochBasedTrainLoop

from .registry import DATASETS, HOOKS, LOOPS, METRICS, MODELS, TRANSFORMS


@MODELS.register_module()
class Net(BaseModel):
    def __init__(self, width, test_cfg=None, data_preprocessor=None):
        super().__init__(data_preprocessor)
        self.layer = torch.nn.Linear(width, width)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return self.layer(inputs)


@TRANSFORMS.register_module()
class Halve:
    def __call__(self, results):
        return results


@DATASETS.register_module()
class Things(BaseDataset):
    METAINFO = dict(classes=('a', 'b'))


@METRICS.register_module()
class Score(BaseMetric):
    def process(self, data_batch, data_samples):
        pass

    def compute_metrics(self, results):
        return {}


@METRICS.register_module()
class FileScore(Score):
    def __init__(self, ann_file):
        super().__init__()
        open(ann_file).close()


@LOOPS.register_module()
class MyLoop(EpochBasedTrainLoop):
    pass


@HOOKS.register_module()
class MyHook(Hook):
    pass
"""

FILES = {
    'pack/__init__.py': 'from . import parts  # noqa: F401\n',
    'pack/registry.py': REGISTRY,
    'pack/parts.py': PARTS,
    'pack/configs/net/net.py': CONFIG,
    'manifest.json': json.dumps({'origins': ['origin_lib'], 'sections': []}),
}

MakePack = Callable[..., Path]


@pytest.fixture
def make_pack(tmp_path: Path) -> MakePack:
    """A function that writes the pack; arguments replace or add files, by path or by text in a file."""

    def make(files: dict[str, str] | None = None, swap: tuple[str, str, str] | None = None, **manifest: Any) -> Path:
        content = {**FILES, **(files or {})}
        if manifest:
            content['manifest.json'] = json.dumps({'origins': ['origin_lib'], 'sections': [], **manifest})
        if swap:
            path, old, new = swap
            assert old in content[path]
            content[path] = content[path].replace(old, new)
        for path, text in content.items():
            file = tmp_path / 'out' / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding='utf-8')
        return tmp_path / 'out'

    return make
