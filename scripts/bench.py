"""Time exporting against plainly building the same config, and a package against its original.

    python scripts/bench.py [CONFIG...] [--runs 3] [--json FILE] [--into FILE]

Every figure is the least over fresh processes of one run of this script, in which the kinds take turns: that run was
disturbed least by whatever else the machine did, and found byte code and files as runs before had left them. What is
timed is the whole process, from its start to its end:

- *plain*: import the library, build the config's model;
- *sections*: the same, and build every other section by the registries that mmengine's runner asks, as far as that goes
  without data: the price of what the config declares;
- *no-verify*: ``introspect-export CONFIG --no-verify``, everything included;
- *export*: the same with the check;
- *inspect*: ``introspect-export inspect CONFIG``, which builds all sections, too;
- *model-only*: ``introspect-export inspect CONFIG --model-only``;
- *pack*: import the package and build its model, where the libraries it came from cannot be imported.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_process import Cost, machine, run
from bench_programs import PACK, PLAIN, SECTIONS

DEFAULT = Path(__file__).with_name('bench_configs.txt')
KINDS = ('plain', 'sections', 'no-verify', 'export', 'inspect', 'model-only', 'pack')
STAGES = ('load', 'observe', 'reach', 'link', 'emit', 'verify')
MARKS = ('<!-- bench -->\n', '<!-- end of bench -->\n')


@dataclass(frozen=True)
class Row:
    """What was measured of one config.

    Attributes:
        config: The config.
        runs: The cost of every run, by kind.
        said: What the last export said of its result.
        error: Why there are no figures, or empty.
    """

    config: str
    runs: Mapping[str, list[Cost]]
    said: Mapping[str, Any]
    error: str = ''

    def least(self, kind: str, what: str) -> float:
        """The least of one figure."""
        return float(min(getattr(cost, what) for cost in self.runs[kind]))

    def ratio(self, kind: str, what: str, floor: str = 'plain') -> float:
        """The least, as a multiple of another kind's."""
        return self.least(kind, what) / self.least(floor, what)

    def to_json(self) -> dict[str, Any]:
        """The row with its raw runs."""
        runs = {kind: [cost.to_json() for cost in costs] for kind, costs in self.runs.items()}
        return {'config': self.config, 'error': self.error, 'runs': runs, 'seconds': self.said.get('seconds', {})}


def bench(config: str, file: Path, runs: int, folder: Path) -> Row:
    """Measure one config, the kinds taking turns so that a busy machine slows them alike."""
    out = folder / 'out'
    export = ['-m', 'introspect_export', config, '-o', out, '--force', '--json']

    def packed() -> Path:
        return next((out / 'pack' / 'configs').rglob('*.py'))

    commands: dict[str, Callable[[], list[object]]] = {
        'plain': lambda: ['-c', PLAIN, file],
        'sections': lambda: ['-c', SECTIONS, file],
        'no-verify': lambda: [*export, '--no-verify'],
        'export': lambda: list(export),
        'inspect': lambda: ['-m', 'introspect_export', 'inspect', config],
        'model-only': lambda: ['-m', 'introspect_export', 'inspect', config, '--model-only'],
        'pack': lambda: ['-c', PACK, packed(), out],
    }
    costs: dict[str, list[Cost]] = {kind: [] for kind in commands}
    said: Mapping[str, Any] = {}
    for _ in range(runs):
        for kind, command in commands.items():
            cost = run(command(), folder)
            if cost.error:
                return Row(config, {}, {}, f'{kind}: {cost.error.strip().splitlines()[-1]}')
            said = cost.said if kind == 'export' and cost.said else said
            costs[kind].append(cost)
    return Row(config, costs, said)


def report(rows: list[Row], command: str) -> str:
    """The figures in Markdown, ratios first."""
    good = [row for row in rows if not row.error]
    parts = [f'On {machine()}. Made by `{command}`.\n', _ratios(good), _seconds(good), _stages(good)]
    parts += [f'- `{row.config}` was not measured: {row.error}\n' for row in rows if row.error]
    return '\n'.join(parts)


def _ratios(rows: list[Row]) -> str:
    """Multiples of plain building, and those of building all sections."""
    columns = [
        ('no-verify', 'cpu'),
        ('no-verify', 'wall'),
        ('export', 'cpu'),
        ('export', 'wall'),
        ('model-only', 'cpu'),
        ('inspect', 'cpu'),
        ('sections', 'cpu'),
        ('pack', 'cpu'),
        ('pack', 'wall'),
        ('no-verify', 'memory'),
        ('pack', 'memory'),
    ]
    of_all = [('no-verify', 'cpu'), ('inspect', 'cpu'), ('no-verify', 'memory')]
    return (
        f'Multiples of plain building:\n\n{_multiples(rows, columns, "plain")}\n'
        f'Multiples of plainly building all sections:\n\n{_multiples(rows, of_all, "sections")}'
    )


def _multiples(rows: list[Row], columns: list[tuple[str, str]], floor: str) -> str:
    head = ['config', *(f'{kind}, {what}' for kind, what in columns)]
    lines = [[_short(row.config), *(f'{row.ratio(*column, floor):.2f}' for column in columns)] for row in rows]
    if rows:
        middle = [f'**{statistics.median(row.ratio(*column, floor) for row in rows):.2f}**' for column in columns]
        lines.insert(0, ['**median**', *middle])
    return _table(head, lines)


def _seconds(rows: list[Row]) -> str:
    head = ['config', 'lines', 'files', *(f'{kind}, s' for kind in KINDS), 'plain, MiB', 'no-verify, MiB']
    lines = [
        [
            _short(row.config),
            f'{row.said.get("lines", 0):,}',
            str(row.said.get('files', '')),
            *(f'{row.least(kind, "cpu"):.2f}' for kind in KINDS),
            *(f'{row.least(kind, "memory"):.0f}' for kind in ('plain', 'no-verify')),
        ]
        for row in rows
    ]
    return 'Seconds of processor time, and peak memory:\n\n' + _table(head, lines)


def _stages(rows: list[Row]) -> str:
    lines = [
        [_short(row.config), *(f'{row.said.get("seconds", {}).get(stage, 0):.2f}' for stage in STAGES)] for row in rows
    ]
    return 'Wall seconds of the stages of the last export:\n\n' + _table(['config', *STAGES], lines)


def _short(config: str) -> str:
    library, _, path = config.rpartition('::')
    return f'{library}: {Path(path).stem}' if library else Path(path).stem


def _table(head: list[str], lines: list[list[str]]) -> str:
    rule = ['---', *('---:' for _ in head[1:])]
    return ''.join(f'| {" | ".join(line)} |\n' for line in (head, rule, *lines))


def put(text: str, file: Path, marks: tuple[str, str] = MARKS) -> None:
    """Replace what stands between the marks of a document."""
    before, start, rest = file.read_text(encoding='utf-8').partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not (start and end):
        raise SystemExit(f'error: {file} has no marks {marks}')
    file.write_text(f'{before}{start}\n{text}\n{end}{after}', encoding='utf-8')


def main() -> None:
    """Read the command line, measure, print tables in Markdown."""
    from introspect_export.load import load_config

    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('configs', nargs='*', metavar='CONFIG', help=f'by default those of {DEFAULT.name}')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--json', type=Path, help='keep the raw runs here')
    parser.add_argument('--into', type=Path, help='put the tables between the marks of this document')
    options = parser.parse_args()
    rows = []
    for config in options.configs or DEFAULT.read_text(encoding='utf-8').split():
        with tempfile.TemporaryDirectory() as folder:
            rows.append(bench(config, Path(load_config(config).file).resolve(), options.runs, Path(folder)))
        print(rows[-1].error or f'{config}: {rows[-1].ratio("no-verify", "cpu"):.2f}', flush=True)
        if options.json:
            kept = {'machine': machine(), 'runs': options.runs, 'configs': [row.to_json() for row in rows]}
            options.json.write_text(json.dumps(kept, indent=1) + '\n', encoding='utf-8')
    command = f'python scripts/bench.py {" ".join(options.configs)} --runs {options.runs}'.replace('  ', ' ')
    text = report(rows, command)
    print(text)
    if options.into:
        put(text, options.into)


if __name__ == '__main__':
    main()
