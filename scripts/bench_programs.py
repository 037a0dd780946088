"""What the benchmarks run in fresh processes: building a config plainly, and building the model of a package alone."""

from __future__ import annotations

PLAIN = """
import sys
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
cfg = Config.fromfile(sys.argv[1])
init_default_scope(cfg.default_scope)
model = MODELS.build(cfg.model)
"""

_REST = """
from mmengine.registry import DATASETS, EVALUATOR, HOOKS, METRICS
from mmengine.registry import DATA_SAMPLERS, VISUALIZERS
from mmengine.optim import build_optim_wrapper

def attempt(build, *args, **kwargs):
    try:
        build(*args, **kwargs)
    except Exception:
        pass  # Its library is imported and its class looked up; the data that it wants are not here.

def listed(value):
    return value if isinstance(value, list) else [value] if value else []

for part in ('train', 'val', 'test'):
    for loader in listed(cfg.get(f'{part}_dataloader')):
        attempt(DATASETS.build, {**loader.dataset, 'lazy_init': True})
        attempt(DATA_SAMPLERS.build, loader.sampler, default_args=dict(dataset=[0], seed=None))
    evaluator = cfg.get(f'{part}_evaluator')
    if isinstance(evaluator, dict) and 'metrics' in evaluator:
        attempt(EVALUATOR.build, {'type': 'Evaluator', **evaluator})
    else:
        for metric in listed(evaluator):
            attempt(METRICS.build, metric)
for hook in [*cfg.get('default_hooks', {}).values(), *(cfg.get('custom_hooks') or ())]:
    attempt(HOOKS.build, {key: value for key, value in hook.items() if key != 'priority'})
attempt(VISUALIZERS.build, cfg.get('visualizer'))
attempt(build_optim_wrapper, model, cfg.get('optim_wrapper'))
"""

SECTIONS = PLAIN + _REST

# ``BLOCKED`` stands above it; the package's folder is the second argument.
_FROM_PACK = """
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in BLOCKED:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, sys.argv[2])
import pack
"""
_MODEL = """
from mmengine.config import Config
from mmengine.registry import init_default_scope
from pack.registry import MODELS
cfg = Config.fromfile(sys.argv[1])
init_default_scope(cfg.default_scope)
model = MODELS.build(cfg.model)
"""

IMPORT = f"""
import json, sys
BLOCKED = set(json.load(open(sys.argv[2] + '/manifest.json'))['origins']) | {{'introspect_export'}}
{_FROM_PACK}"""

PACK = IMPORT + _MODEL

EVERYTHING = PACK + _REST

ALONE = f"""
import sys
BLOCKED = {{sys.argv[3], 'introspect_export'}}
{_FROM_PACK}{_MODEL}"""
