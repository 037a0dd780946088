"""Time inspecting configs against plainly building them.

    python scripts/bench_inspect.py CONFIG... [--runs 3]

For each config the kinds take turns in fresh processes, imports included:

- *plain*: build the model as any script does;
- *model*: ``inspect(config, model_only=True)``;
- *inspect*: ``inspect(config)``, which builds all sections;
- *sections*: build all sections as any script does, each by the registries that mmengine's runner asks: the price of
  the config itself. What cannot be built for want of data or files is built as far as it goes.

Figures are seconds of processor time and, in brackets, of the clock; the least of the runs, which others that use the
machine disturbed least. *inspect / plain* is what a user pays who wanted to see the model only; *inspect / sections* is
what looking costs beside building the same.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_INSPECT = 'import sys; from introspect_export import inspect; inspect(sys.argv[1], model_only={model_only})'
_PLAIN = """
import sys
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

config = Config.fromfile(sys.argv[1])
init_default_scope(config.default_scope)
model = MODELS.build(config.model)
"""
_SECTIONS = """
from mmengine.registry import DATASETS, EVALUATOR, HOOKS, LOOPS, METRICS, OPTIM_WRAPPERS, OPTIMIZERS, PARAM_SCHEDULERS
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
    for loader in listed(config.get(f'{part}_dataloader')):
        attempt(DATASETS.build, {**loader.dataset, 'lazy_init': True})
        attempt(DATA_SAMPLERS.build, loader.sampler, default_args=dict(dataset=[0], seed=None))
    for metric in listed(config.get(f'{part}_evaluator')):
        attempt(METRICS.build, metric)
for hook in [*config.get('default_hooks', {}).values(), *(config.get('custom_hooks') or ())]:
    attempt(HOOKS.build, {key: value for key, value in hook.items() if key != 'priority'})
attempt(VISUALIZERS.build, config.get('visualizer'))
attempt(build_optim_wrapper, model, config.get('optim_wrapper'))
"""
KINDS = {
    'plain': _PLAIN,
    'model': _INSPECT.format(model_only=True),
    'inspect': _INSPECT.format(model_only=False),
    'sections': _PLAIN + _SECTIONS,
}
RATIOS = (('model', 'plain'), ('inspect', 'plain'), ('inspect', 'sections'))


def measure(script: str, file: str, folder: Path) -> tuple[float, float]:
    """Run a script in a fresh process: the processor time and the time that it took."""
    before, start = os.times(), time.perf_counter()
    command = [sys.executable, '-W', 'ignore', '-c', script, file]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f'error: {file}\n{done.stderr[-2000:]}')
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used, time.perf_counter() - start


def bench(file: str, runs: int) -> dict[str, tuple[float, float]]:
    """Measure one config: for each kind the least processor time and the least time."""
    with tempfile.TemporaryDirectory() as folder:
        found = [{kind: measure(script, file, Path(folder)) for kind, script in KINDS.items()} for _ in range(runs)]
    return {kind: (min(run[kind][0] for run in found), min(run[kind][1] for run in found)) for kind in KINDS}


def main() -> None:
    """Read the command line, measure, print a table in Markdown."""
    from introspect_export.load import load_config

    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('configs', nargs='+', metavar='CONFIG')
    parser.add_argument('--runs', type=int, default=3)
    options = parser.parse_args()
    print('| config |', ' | '.join([*KINDS, *(f'{one} / {other}' for one, other in RATIOS)]), '|')
    print('|---|' + '---:|' * (len(KINDS) + len(RATIOS)))
    for config in options.configs:
        row = bench(str(Path(load_config(config).file).resolve()), options.runs)
        cells = [f'{row[kind][0]:.2f} ({row[kind][1]:.2f})' for kind in KINDS]
        cells += [f'{row[one][0] / row[other][0]:.2f}' for one, other in RATIOS]
        print(f'| {Path(config).stem} |', ' | '.join(cells), '|', flush=True)


if __name__ == '__main__':
    main()
