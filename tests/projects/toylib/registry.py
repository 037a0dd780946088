"""The registries of toylib."""

from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import Registry

MODELS = Registry('model', parent=MMENGINE_MODELS, locations=['toylib.models'])
DATASETS = Registry('dataset', parent=MMENGINE_DATASETS, locations=['toylib.datasets'])
TRANSFORMS = Registry('transform', parent=MMENGINE_TRANSFORMS, locations=['toylib.datasets'])
METRICS = Registry('metric', parent=MMENGINE_METRICS, locations=['toylib.engine'])
HOOKS = Registry('hook', parent=MMENGINE_HOOKS, locations=['toylib.engine'])
# An old name for the same registry.
HEADS = MODELS
# A registry of its own, filled from a library in a loop.
ACTS = Registry('act', scope='toylib')
