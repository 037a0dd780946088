"""Time exporting against plainly building the same config, and a package against its original.

    python scripts/bench.py CONFIG... [--runs 3] [--json FILE]

Every figure is the median over fresh processes of one run of this script, so that ratios are of like with like:

- *plain*: import the library, build the config's model;
- *export*: ``introspect_export.export(config, out, verify=None)``, everything included;
- *original* and *pack*: importing and building the model from the library, and from the package where it is blocked.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PLAIN = """
import importlib, json, sys, time
start = time.perf_counter()
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
cfg = Config.fromfile(sys.argv[1])
init_default_scope(cfg.default_scope)
MODELS.build(cfg.model)
print(json.dumps(dict(seconds=time.perf_counter() - start)))
"""

EXPORT = """
import json, sys, time
start = time.perf_counter()
from introspect_export import export
result = export(sys.argv[1], sys.argv[2], force=True, verify=None)
seconds = time.perf_counter() - start
print(json.dumps(dict(seconds=seconds, lines=result.lines, files=result.files, stages=dict(result.seconds))))
"""

PACK = """
import json, sys, time
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in BLOCKED:
            raise ModuleNotFoundError(name)
BLOCKED = set(json.load(open(sys.argv[2] + '/manifest.json'))['origins']) | {'introspect_export'}
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, sys.argv[2])
start = time.perf_counter()
import pack
from mmengine.config import Config
from mmengine.registry import init_default_scope
from pack.registry import MODELS
cfg = Config.fromfile(sys.argv[1])
init_default_scope(cfg.default_scope)
MODELS.build(cfg.model)
print(json.dumps(dict(seconds=time.perf_counter() - start)))
"""


def measure(script: str, *args: object, cwd: Path) -> dict[str, Any]:
    """Run a script in a fresh process; what it prints last."""
    command = [sys.executable, '-W', 'ignore', '-c', script, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode:
        raise SystemExit(f'error: {args[0]}\n{done.stderr[-2000:]}')
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def bench(config: str, file: Path, runs: int, folder: Path) -> dict[str, Any]:
    """Measure one config, the kinds taking turns so that a busy machine slows them alike."""
    out = folder / 'out'
    times: dict[str, list[float]] = {'plain': [], 'export': [], 'pack': []}
    exported: dict[str, Any] = {}
    for _ in range(runs):
        times['plain'].append(measure(PLAIN, file, cwd=folder)['seconds'])
        exported = measure(EXPORT, config, out, cwd=folder)
        times['export'].append(exported['seconds'])
        (packed,) = (out / 'pack' / 'configs').rglob('*.py')
        times['pack'].append(measure(PACK, packed, out, cwd=folder)['seconds'])
    median = {kind: statistics.median(values) for kind, values in times.items()}
    return {
        'config': config,
        'lines': exported['lines'],
        'files': exported['files'],
        'runs': times,
        'stages': exported['stages'],
        'export/plain': median['export'] / median['plain'],
        'pack/original': median['pack'] / median['plain'],
        **median,
    }


def main() -> None:
    """Read the command line, measure, print a table in Markdown."""
    from introspect_export.load import load_config

    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('configs', nargs='+', metavar='CONFIG')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--json', type=Path, help='keep the raw runs here')
    options = parser.parse_args()
    rows = []
    print('| config | lines | files | plain, s | export, s | export / plain | pack, s | pack / original |')
    print('|---|---:|---:|---:|---:|---:|---:|---:|')
    for config in options.configs:
        with tempfile.TemporaryDirectory() as folder:
            row = bench(config, Path(load_config(config).file).resolve(), options.runs, Path(folder))
        rows.append(row)
        print(
            f'| {config} | {row["lines"]:,} | {row["files"]} | {row["plain"]:.2f} | {row["export"]:.2f} '
            f'| {row["export/plain"]:.2f} | {row["pack"]:.2f} | {row["pack/original"]:.2f} |',
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
