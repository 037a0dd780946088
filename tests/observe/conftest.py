"""A small project of the kind that is observed: its own registries, one of them without a parent, and a config."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from introspect_export.load import load_config
from introspect_export.model.observation import Observation
from introspect_export.observe import observe_config

FILES = {
    'aviary/__init__.py': '',
    'aviary/registry.py': """
from mmengine.registry import DATASETS as ROOT_DATASETS, METRICS as ROOT_METRICS, MODELS as ROOT_MODELS
from mmengine.registry import TRANSFORMS as ROOT_TRANSFORMS, Registry
MODELS = Registry('model', parent=ROOT_MODELS, scope='aviary', locations=['aviary.birds'])
DATASETS = Registry('dataset', parent=ROOT_DATASETS, scope='aviary', locations=['aviary.data'])
TRANSFORMS = Registry('transform', parent=ROOT_TRANSFORMS, scope='aviary', locations=['aviary.data'])
METRICS = Registry('metric', parent=ROOT_METRICS, scope='aviary', locations=['aviary.metrics'])
WINGS = Registry('wing', scope='aviary', locations=['aviary.wings'])
""",
    'aviary/names.py': """
from aviary.registry import MODELS
ANIMALS = MODELS
species = {}

def register(cls):
    species[cls.__name__.lower()] = (cls, [cls.sing])
    return cls
""",
    'aviary/wings.py': """
from aviary.registry import WINGS

class Limb:
    def __init__(self, length=1):
        self.length = length

@WINGS.register_module()
class Wing(Limb):
    pass

def make(name):
    return type(name, (Limb,), {'__module__': __name__})

for name in ('Stub', 'Fin', 'ParamSchedulerHook'):
    WINGS.register_module(name=name, module=make(name))
""",
    'aviary/birds.py': """
import functools
import os
from torch import nn
from mmengine.model import BaseModel
from aviary.names import register
from aviary.registry import MODELS, WINGS
MODELS.register_module('Line', module=nn.Linear)

class Feather:
    __slots__ = ('colour', 'next')

    def __init__(self, colour):
        self.colour = colour

    @property
    def weight(self):
        raise RuntimeError('a property ran')

class Plumage:
    def __init__(self):
        self._feathers = [Feather('red'), {'tail': Feather('blue')}]

    def __getattr__(self, name):
        raise RuntimeError('__getattr__ ran')

class Bird(BaseModel):
    def __init__(self, wing, body, song='aviary.Song', data_preprocessor=None):
        super().__init__(data_preprocessor)
        self.wings = [WINGS.build(wing), WINGS.build(dict(wing, length=5))]
        self.body = MODELS.build(body)
        self.song = MODELS.build(dict(type=song, notes=3))
        self.plumage = Plumage()
        act = body.copy()
        act.pop('in_features')
        with open(os.path.join(os.path.dirname(__file__), 'data', 'colours.txt')) as file:
            self.colours = file.read().split()

    def sing(self):
        return squawk()

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return inputs

@register
@MODELS.register_module()
class Parrot(Bird):
    pass

@MODELS.register_module()
class Song:
    def __init__(self, notes):
        self.notes = notes

@MODELS.register_module()
class Average(nn.Module):
    pass

@functools.lru_cache(maxsize=None)
def squawk():
    return 'squawk'

late = None

@MODELS.register_module()
class Vandal(nn.Module):
    # Changes whatever it can reach.

    def __init__(self):
        super().__init__()
        import logging, random, sys, warnings
        import numpy, torch
        from mmengine.logging import MMLogger
        from mmengine.registry import DefaultScope, HOOKS
        os.environ['VANDAL'] = os.environ.pop('HOME')
        os.chdir('/')
        random.seed(0)
        numpy.random.seed(0)
        torch.manual_seed(0)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.backends.cudnn.benchmark = True
        warnings.simplefilter('error')
        warnings.simplefilter('ignore')
        logging.getLogger('vandal').setLevel(logging.CRITICAL)
        logging.getLogger('vandal').addHandler(logging.NullHandler())
        sys.path.append('/vandal')
        sys.meta_path.append(None)
        del sys.meta_path[-1], sys.meta_path[0]
        DefaultScope.get_instance('vandal', scope_name='vandal')
        MMLogger.get_instance('vandal')
        MODELS.register_module(name='Parrot', module=Song, force=True)
        HOOKS.register_module(name='Vandal', module=Song)
        print('chatter')
""",
    'aviary/data/__init__.py': """
from mmengine.dataset import BaseDataset
from mmengine.registry import FUNCTIONS
from aviary.registry import DATASETS, TRANSFORMS

@DATASETS.register_module()
class Sightings(BaseDataset):
    def full_init(self):
        raise FileNotFoundError('data was read')

@DATASETS.register_module()
class Broken(BaseDataset):
    def __init__(self, **kwargs):
        raise FileNotFoundError(2, 'No such file or directory', 'data/index.json')

@TRANSFORMS.register_module()
class Look:
    def __init__(self, far):
        self.far = far

    def __call__(self, data):
        return data

@FUNCTIONS.register_module()
def gather(samples):
    return samples
""",
    'aviary/data/colours.txt': 'red green',
    'aviary/data/unused.txt': '',
    'aviary/metrics.py': """
from mmengine.evaluator import BaseMetric
from aviary.registry import METRICS

@METRICS.register_module()
class Count(BaseMetric):
    def __init__(self, file=None):
        super().__init__()
        if file:
            open(file)

    def process(self, data_batch, data_samples):
        pass

    def compute_metrics(self, results):
        return {}
""",
    'configs/parrot.py': """
default_scope = 'aviary'
other = dict(type='Song', notes=1)
model = dict(type='Parrot', wing=dict(type='Wing'), body=dict(type='Line', in_features=2, out_features=3))
look = [dict(type='Look', far=3)]
loader = dict(batch_size=2, num_workers=2, persistent_workers=True,
              sampler=dict(type='DefaultSampler', shuffle=False), collate_fn=dict(type='gather'))
train_dataloader = dict(dataset=dict(type='Sightings', ann_file='nowhere.json', pipeline=look), **loader)
val_dataloader = dict(dataset=dict(type='Broken', pipeline=[dict(type='Look', far=5)]), **loader)
val_evaluator = [dict(type='Count', file='nowhere.json'), dict(type='Count')]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=10)
val_cfg = dict()
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))
param_scheduler = [dict(type='MultiStepLR', milestones=[1], by_epoch=True, convert_to_iter_based=True)]
default_hooks = dict(timer=dict(type='IterTimerHook'))
custom_hooks = [dict(type='EMAHook', ema_type='Average', priority=49), dict(type='NoSuchHook')]
visualizer = dict(type='Visualizer', vis_backends=[dict(type='LocalVisBackend')])
log_processor = dict(window_size=5)
""",
}


@pytest.fixture(scope='session')
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Observation]]:
    """The project's folder, and what the first observation in this process, which imports its package, saw."""
    folder = tmp_path_factory.mktemp('project')
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    sys.path.insert(0, str(folder))
    yield folder, observe_config(load_config(folder / 'configs/parrot.py'))
    sys.path.remove(str(folder))


@pytest.fixture(scope='session')
def project(first: tuple[Path, Observation]) -> Path:
    """The folder that the project's package and config are in; the package can be imported."""
    return first[0]


@pytest.fixture(scope='session')
def parrot(first: tuple[Path, Observation]) -> Observation:
    """What observing the project's config gives."""
    return first[1]


@pytest.fixture(autouse=True)
def no_extension_is_missing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An observation says of each extension that this process was given a placeholder for: here of its own only."""
    monkeypatch.setattr('introspect_export.observe.missing._supplied', {})
