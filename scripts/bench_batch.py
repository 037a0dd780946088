"""Time a batch of configs against exporting them one by one, on one job and on two, and kill one in the middle.

    python scripts/bench_batch.py 'mmdet::**' [--configs 100] [--separate 10] [--killed 24] [--into FILE] [--json FILE]

The configs are drawn with a seed. *Separate* is ``introspect-export CONFIG`` in a fresh process for some of them; the
batches are ``introspect-export batch`` of all of them. Both check every package where its origins cannot be imported.
Memory is the sum of the proportional sets (what processes share is counted once) of all processes of a batch, looked at
every second. A batch of some of the configs is then killed when a third is done, and given again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import put
from bench_process import Cost, environment, machine, run

MARKS = ('<!-- batch -->\n', '<!-- end of batch -->\n')


@dataclass(frozen=True)
class Batch:
    """What a batch cost."""

    jobs: int
    configs: int
    exported: int
    cost: Cost
    peak: float
    """The largest sum of memory, in MiB."""

    def to_json(self) -> dict[str, Any]:
        """The numbers, as they are kept."""
        whole = {'jobs': self.jobs, 'configs': self.configs, 'exported': self.exported, 'peak': round(self.peak)}
        return {**whole, **self.cost.to_json()}


class Memory(threading.Thread):
    """Looks at the memory of a process's descendants, once a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._over = threading.Event()

    def run(self) -> None:
        """Look until it is over."""
        while not self._over.wait(1.0):
            self.peak = max(self.peak, sum(_proportional(one) for one in descendants(os.getpid())))

    def end(self) -> float:
        """Stop, and tell the peak in MiB."""
        self._over.set()
        self.join()
        return self.peak


def descendants(parent: int) -> Iterator[int]:
    """The processes that a process started, with theirs."""
    for children in Path(f'/proc/{parent}/task').glob('*/children'):
        for child in children.read_text().split():
            yield int(child)
            yield from descendants(int(child))


def _proportional(process: int) -> float:
    try:
        lines = Path(f'/proc/{process}/smaps_rollup').read_text().splitlines()
    except OSError:
        return 0.0  # It has ended meanwhile.
    return sum(int(line.split()[1]) for line in lines if line.startswith('Pss:')) / 1024


def separate(configs: Sequence[str], folder: Path) -> list[Cost]:
    """Export configs one by one, each in a fresh process."""
    costs = []
    for number, config in enumerate(configs):
        cost = run(['-m', 'introspect_export', 'export', config, '-o', folder / str(number), '-q'], folder)
        print(f'{config}: {cost.cpu:.1f} s {cost.error[-200:]}', file=sys.stderr)
        costs.append(cost)
    return costs


def command(names: Path, out: Path, jobs: int) -> list[object]:
    """The command line of a batch."""
    return ['-m', 'introspect_export', 'batch', names, '-o', out, '--jobs', jobs, '--json', '-q']


def whole(names: Path, jobs: int, folder: Path) -> Batch:
    """Run a batch from its beginning to its end."""
    memory = Memory()
    memory.start()
    cost = run(command(names, folder / f'jobs{jobs}', jobs), folder)
    said = cost.said or {}
    if not said:
        raise SystemExit(f'error: the batch failed:\n{cost.error}')
    return Batch(jobs, said['configs'], said['exported'], cost, memory.end())


def killed(names: Path, folder: Path) -> tuple[int, int, int, int]:
    """Kill a batch when a third is done, and run it again.

    Returns:
        How many configs were done when it was killed; how many of their packages the second run left as they were; how
        many configs there are, and how many are exported in the end.
    """
    out = folder / 'killed'
    wanted = len(names.read_text().split()) // 3
    process = subprocess.Popen(
        [sys.executable, *map(str, command(names, out, 2))],
        env=environment(),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while len(_done(out)) < wanted:
        if process.poll() is not None:
            raise SystemExit('error: the batch ended before it was killed')
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {file: file.stat().st_mtime_ns for file in _done(out)}
    again = run(command(names, out, 2), folder)
    kept = sum(file.exists() and file.stat().st_mtime_ns == stamp for file, stamp in before.items())
    said = again.said or {}
    return len(before), kept, said.get('configs', 0), said.get('exported', 0)


def _done(out: Path) -> list[Path]:
    """The manifests of what a batch's journal tells to be exported."""
    journal = out / 'batch.jsonl'
    lines = journal.read_text().splitlines() if journal.exists() else []
    records = [json.loads(line) for line in lines if line.endswith('}')]
    return [out / one['out'] / 'manifest.json' for one in records if one.get('ok')]


def table(alone: Sequence[Cost], batches: Sequence[Batch], end: tuple[int, int, int, int]) -> str:
    """What was measured, in Markdown."""
    cpu, wall = (sum(getattr(one, name) for one in alone) / len(alone) for name in ('cpu', 'wall'))
    lines = [
        f'On {machine()}. Made by `python scripts/bench_batch.py {shlex.join(sys.argv[1:])}`.',
        '',
        '| | configs | exported | CPU a config, s | wall a config, s | of separate runs, CPU | of separate runs, wall '
        '| memory, MiB |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
        f'| separate | {len(alone)} | {sum(not one.error for one in alone)} | {cpu:.2f} | {wall:.2f} | 1 | 1 '
        f'| {max(one.memory for one in alone):.0f} |',
    ]
    for one in batches:
        each_cpu, each_wall = one.cost.cpu / one.configs, one.cost.wall / one.configs
        lines.append(
            f'| batch, {one.jobs} job{"s" * (one.jobs > 1)} | {one.configs} | {one.exported} | {each_cpu:.2f} '
            f'| {each_wall:.2f} | {each_cpu / cpu:.2f} | {each_wall / wall:.2f} | {one.peak:.0f} |'
        )
    done, kept, configs, exported = end
    lines += [
        '',
        f'Killed when {done} of {configs} were exported, and run again: {kept} of the {done} were left as they '
        f'were, {exported} of {configs} exported in the end.',
    ]
    return '\n'.join(lines)


def main() -> None:
    """Read the command line, measure, print a table."""
    from introspect_export.batch.config_patterns import expand

    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('patterns', nargs='+', metavar='PATTERN')
    parser.add_argument('--configs', type=int, default=100, help='how many to draw')
    parser.add_argument('--separate', type=int, default=10, help='how many of them to export one by one')
    parser.add_argument('--killed', type=int, default=24, help='how many of them to kill a batch of')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--json', type=Path, help='keep the raw numbers here')
    parser.add_argument('--into', type=Path, help='put the table between the marks of this document')
    options = parser.parse_args()
    found = [one.config for one in expand(options.patterns)]
    drawn = random.Random(options.seed).sample(found, min(options.configs, len(found)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names, some = folder / 'names.txt', folder / 'some.txt'
        names.write_text('\n'.join(drawn))
        some.write_text('\n'.join(drawn[: options.killed]))
        alone = separate(drawn[: options.separate], folder)
        batches = [whole(names, jobs, folder) for jobs in (1, 2)]
        end = killed(some, folder)
    text = table(alone, batches, end)
    print(text)
    if options.json:
        raw = {'separate': [one.to_json() for one in alone], 'batches': [one.to_json() for one in batches], 'end': end}
        options.json.write_text(json.dumps(raw, indent=1) + '\n', encoding='utf-8')
    if options.into:
        put(text, options.into, MARKS)


if __name__ == '__main__':
    main()
