"""How the cost of an export grows: projects of 10 to 10,000 classes, and chains of 2 to 500.

    python scripts/bench_growth.py [--classes 10 100 ...] [--chains 2 10 ...] [--svg FILE] [--json FILE]

Each project is written, and exported in a fresh process (unchecked). The processor time of each stage is printed, and
the exponent of a power law through what is above the cost of the smallest: through all sizes, and the larger half.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench_process import machine, run

PER_MODULE = 25
LIMIT = 1.1
REGISTRY = """
from mmengine.registry import MODELS as PARENT
from mmengine.registry import Registry

MODELS = Registry('model', parent=PARENT, scope='growing', locations=['growing.net'])
"""
HEAD = """
import math

from torch import nn

from growing.registry import MODELS


def helper(x, by=1):
    # Something that the classes of this module share.
    return math.floor(x + by)
"""
CLASS = """

@MODELS.register_module()
class C{number}({base}):
    \"\"\"One of many.\"\"\"

    def __init__(self, size={number}, **kwargs):
        super().__init__(**kwargs)
        self.size{number} = helper(size)

    def forward(self, x):
        # Every class has a branch and a loop.
        if x > {number}:
            return helper(x, by=self.size{number})
        return [self.size{number} * each for each in range(x)]

    def step{number}(self, x):
        return self.forward(x) + {number}
"""
EXPORT = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import introspect_export.stages as stages
from introspect_export.api import export
# The stages are timed by the clock on the wall; here the processor's is wanted.
stages.time.perf_counter = time.process_time
result = export(sys.argv[1] + '/config.py', sys.argv[1] + '/out', verify=None)
print(json.dumps({'seconds': dict(result.seconds), 'lines': result.lines, 'flattened': result.flattened}))
"""


def many(folder: Path, classes: int) -> None:
    """A project of so many classes, each built once, in modules of a few."""
    modules = [range(start, min(start + PER_MODULE, classes)) for start in range(0, classes, PER_MODULE)]
    texts = {
        f'part{index}': HEAD + ''.join(CLASS.format(number=number, base='nn.Module') for number in numbers)
        for index, numbers in enumerate(modules)
    }
    config = f'model = [dict(type={"C{}"!r}.format(number)) for number in range({classes})]'
    _project(folder, texts, config.replace('model =', 'parts ='), 'dict(type="Net", parts=parts)')


def chain(folder: Path, length: int) -> None:
    """A project of one class with so many ancestors, in modules of a few."""
    modules = [range(start, min(start + PER_MODULE, length)) for start in range(0, length, PER_MODULE)]
    texts = {}
    for index, numbers in enumerate(modules):
        above = f'from growing.part{index - 1} import C{numbers[0] - 1}\n' if index else ''
        bases = [f'C{number - 1}' if number else 'nn.Module' for number in numbers]
        body = ''.join(CLASS.format(number=number, base=base) for number, base in zip(numbers, bases, strict=True))
        texts[f'part{index}'] = HEAD.replace('from growing.registry', above + 'from growing.registry') + body
    _project(folder, texts, '', f'dict(type="Net", parts=[dict(type="C{length - 1}")])')


def _project(folder: Path, texts: Mapping[str, str], before: str, model: str) -> None:
    package = folder / 'growing'
    package.mkdir()
    for name, text in texts.items():
        (package / f'{name}.py').write_text(text, encoding='utf-8')
    net = '\n\n@MODELS.register_module()\nclass Net(nn.Module):\n    def __init__(self, parts):\n'
    net += '        super().__init__()\n        self.parts = nn.ModuleList(MODELS.build(part) for part in parts)\n'
    imports = ''.join(f'from growing import {name}\n' for name in texts)
    (package / 'net.py').write_text(f'{imports}{HEAD}{net}', encoding='utf-8')
    (package / 'registry.py').write_text(REGISTRY, encoding='utf-8')
    (package / '__init__.py').write_text('from growing import registry\n', encoding='utf-8')
    (folder / 'config.py').write_text(
        f"default_scope = 'growing'\ncustom_imports = dict(imports=['growing'])\n{before}\nmodel = {model}\n",
        encoding='utf-8',
    )


def measure(kind: str, size: int) -> dict[str, Any]:
    """Export one project; processor seconds by stage."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (many if kind == 'classes' else chain)(folder, size)
        cost = run(['-c', EXPORT, folder], folder)
    if cost.error or cost.said is None:
        raise SystemExit(f'error: {kind} {size}: {cost.error}')
    return {'size': size, 'total': sum(cost.said['seconds'].values()), 'memory': cost.memory, **cost.said}


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line through points on logarithmic axes, by least squares."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    x0, y0 = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return float(sum((x - x0) * (y - y0) for x, y in logs) / sum((x - x0) ** 2 for x, _ in logs))


def exponents(found: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """The exponent over all sizes, and over the larger half, of the cost above that of the smallest."""
    # The smallest project tells what every export costs.
    fixed = float(found[0]['total'])
    points = [(float(one['size']), float(one['total']) - fixed) for one in found[1:]]
    points = [(size, cost) for size, cost in points if cost > 0]
    return exponent(points), exponent(points[len(points) // 2 :] if len(points) > 3 else points)


def table(kind: str, found: Sequence[Mapping[str, Any]]) -> str:
    """The figures in Markdown."""
    stages = list(found[0]['seconds'])
    head = [kind, *(f'{stage}, s' for stage in stages), 'all, s', 'MiB', 'lines written']
    rows = [head, ['---:'] * len(head)]
    for one in found:
        seconds = [f'{one["seconds"][stage]:.2f}' for stage in stages]
        rows.append([f'{one["size"]:,}', *seconds, f'{one["total"]:.2f}', f'{one["memory"]:.0f}', f'{one["lines"]:,}'])
    both, upper = exponents(found)
    text = ''.join(f'| {" | ".join(row)} |\n' for row in rows)
    return f'{text}\nExponent: {both:.2f} over all, {upper:.2f} over the larger half.\n'


def plot(results: Mapping[str, Sequence[Mapping[str, Any]]], file: Path) -> None:
    """Draw both curves on logarithmic axes, each beside straight proportion."""
    import matplotlib

    matplotlib.use('Agg')
    matplotlib.rcParams['svg.hashsalt'] = 'growth'
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(results), figsize=(4.5 * len(results), 3.6), squeeze=False)
    for axis, (kind, found) in zip(axes[0], results.items(), strict=True):
        sizes, totals = [one['size'] for one in found], [one['total'] for one in found]
        axis.loglog(sizes, totals, 'o-', label='export, unchecked')
        axis.loglog(sizes, [totals[-1] * size / sizes[-1] for size in sizes], '--', label='in proportion')
        axis.set_xlabel(kind if kind == 'classes' else 'classes in one chain')
        axis.set_ylabel('seconds of processor time')
        axis.set_title(f'exponent {exponents(found)[1]:.2f} over the larger half')
        axis.legend()
    figure.tight_layout()
    figure.savefig(file, metadata={'Date': None} if file.suffix == '.svg' else None)


def main() -> None:
    """Read the command line, measure, print; exit status 1 where the growth is more than linear."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('--classes', type=int, nargs='*', default=[10, 30, 100, 300, 1000, 3000, 10_000])
    parser.add_argument('--chains', type=int, nargs='*', default=[2, 5, 20, 50, 100, 200, 500])
    parser.add_argument('--svg', type=Path, help='draw it here')
    parser.add_argument('--json', type=Path, help='keep the figures here')
    options = parser.parse_args()
    print(f'On {machine()}.\n')
    results: dict[str, list[dict[str, Any]]] = {}
    for kind, sizes in (('classes', options.classes), ('chain', options.chains)):
        found = [measure(kind, size) for size in sorted(sizes)]
        if found:
            results[kind] = found
            print(table(kind, found), flush=True)
    if options.json:
        options.json.write_text(json.dumps({'machine': machine(), **results}, indent=1) + '\n', encoding='utf-8')
    if options.svg:
        plot(results, options.svg)
    steep = [kind for kind, found in results.items() if len(found) > 2 and max(exponents(found)) >= LIMIT]
    if steep:
        raise SystemExit(f'error: more than linear: {", ".join(steep)}')


if __name__ == '__main__':
    main()
