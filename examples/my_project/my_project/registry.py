"""The project's registries: two as every mmengine project has them, and one of a kind that mmengine does not know."""

from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import Registry

MODELS = Registry('model', parent=MMENGINE_MODELS, scope='my_project', locations=['my_project.heads'])
DATASETS = Registry('dataset', parent=MMENGINE_DATASETS, scope='my_project', locations=['my_project.datasets'])
HOOKS = Registry('hook', parent=MMENGINE_HOOKS, scope='my_project')


class NamedRegistry(Registry):
    """A registry whose entries know the name that they were built under."""

    def build(self, cfg, *args, **kwargs):
        built = super().build(cfg, *args, **kwargs)
        built.name = cfg['type'].rpartition('.')[2]
        return built


PRIORS = NamedRegistry('prior', scope='my_project', locations=['my_project.priors'])
"""Where a head expects objects to be rare; nothing like it is in mmengine."""
