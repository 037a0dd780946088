"""Time inspecting configs against plainly building their models.

    python scripts/bench_inspect.py CONFIG... [--runs 3]

For each config the kinds take turns in fresh processes, imports included. *plain* builds the model as any script does,
and *model* is ``inspect(config, model_only=True)``. *whole* also imports what the other sections need, as a runner does
before it builds them, and *all* is ``inspect(config)``, which builds them.
Figures are seconds of processor time and, in brackets, of the clock; the least of the runs, which others that use the
machine disturbed least.
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
import mmengine.registry
from mmengine.config import Config
from mmengine.registry import MODELS, Registry, init_default_scope

config = Config.fromfile(sys.argv[1])
init_default_scope(config.default_scope)
MODELS.build(config.model)
"""
_WHOLE = """
for root in [each for each in vars(mmengine.registry).values() if isinstance(each, Registry)]:
    if config.default_scope in root.children:
        root.children[config.default_scope].import_from_location()
"""
KINDS = {
    'plain': _PLAIN,
    'model': _INSPECT.format(model_only=True),
    'whole': _PLAIN + _WHOLE,
    'all': _INSPECT.format(model_only=False),
}


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
    print('| config | plain | model | model / plain | whole | all | all / whole |')
    print('|---|---:|---:|---:|---:|---:|---:|')
    for config in options.configs:
        row = bench(str(Path(load_config(config).file).resolve()), options.runs)
        cells = {kind: f'{used:.2f} ({clock:.2f})' for kind, (used, clock) in row.items()}
        ratios = [row[one][0] / row[other][0] for one, other in (('model', 'plain'), ('all', 'whole'))]
        print(
            f'| {config.rpartition("/")[2]} | {cells["plain"]} | {cells["model"]} | {ratios[0]:.2f} '
            f'| {cells["whole"]} | {cells["all"]} | {ratios[1]:.2f} |',
            flush=True,
        )


if __name__ == '__main__':
    main()
