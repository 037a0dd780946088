"""Kill exports and batches at random moments, and look at what is left.

    python scripts/kill_export.py [--kills 100] [--batches 12] [--seed 0] [--config mmdet::retinanet/….py …]

Each export runs in a process forked from one that has imported everything, and kills itself (SIGKILL) at one of the
things that it does to the system (files, imports, programs: what Python audits), spread evenly over the stages. Of a
batch, who runs it, a server, a server's child or everything is killed after a random time; the same batch, run again,
must then come to its end with all of its packages. Afterwards the target must be what it was or what it becomes,
whole; no process may go on; and what else is left must be gone after the next run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from killing import VICTIMS, Moments, faults, forked, kill_of_batch, names, one_batch, one_export

from introspect_export import export
from introspect_export.stages import STAGES

TOYLIB = Path(__file__).parents[1] / 'tests' / 'projects'
CONFIG = TOYLIB / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'


@dataclass
class Found:
    """What came of killing."""

    killed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def kill_exports(config: str, kills: int, verified: float, generator: random.Random, work: Path, found: Found) -> None:
    """Kill exports of a config.

    Args:
        config: The config.
        kills: How many.
        verified: The share of exports that are killed while they are verified.
        generator: What chooses the moments.
        work: An empty folder.
        found: What it is noted in.
    """
    old, new = work / 'old', work / 'new'
    export(config, new, verify=None)
    export(config, old, verify=None, options={'work_dir': './elsewhere'})
    (work / 'first' / 'temporary').mkdir(parents=True)
    counted = work / 'counts'
    forked(partial(one_export, config, work / 'first' / 'out', Moments(), 'import', counted), work / 'first')
    counts: dict[str, int] = json.loads(counted.read_text())
    stages = [each for each in STAGES if counts.get(each) and each != 'verify']
    for number in range(kills):
        folder = work / f'kill_{number}'
        (folder / 'temporary').mkdir(parents=True)
        out = folder / 'out'
        replacing = generator.random() < 0.5
        if replacing:
            shutil.copytree(old, out)
        level = 'import' if generator.random() < verified else None
        stage = 'verify' if level else stages[number % len(stages)]
        moments = Moments(stage, generator.randrange(counts[stage]))
        status = forked(partial(one_export, config, out, moments, level), folder)
        found.killed[stage if os.WIFSIGNALED(status) else 'came to its end'] += 1
        wrong = faults(folder, [out], {names(new), names(old) if replacing else frozenset()})
        found.wrong += [f'{config}: kill {number} in {stage}: {each}' for each in wrong]
        shutil.rmtree(folder)


def kill_batches(configs: Sequence[str], batches: int, generator: random.Random, work: Path, found: Found) -> None:
    """Kill batches, and run each again; see ``kill_exports``."""
    (work / 'whole' / 'temporary').mkdir(parents=True)
    start = time.monotonic()
    assert forked(partial(one_batch, configs, work / 'whole' / 'out'), work / 'whole') == 0, 'it fails by itself'
    seconds = time.monotonic() - start
    wanted = sorted(_packages(work / 'whole' / 'out'))
    for number in range(batches):
        folder = work / f'batch_{number}'
        (folder / 'temporary').mkdir(parents=True)
        victim = VICTIMS[number % len(VICTIMS)]
        killing = Killing(victim, generator.uniform(0.05, 0.95) * seconds, folder)
        forked(partial(one_batch, configs, folder / 'out'), folder, killing)
        found.killed[f'batch: {victim}' if killing.done else f'batch: no {victim} there'] += 1
        wrong = faults(folder, _packages(folder / 'out'), set())
        again = forked(partial(one_batch, configs, folder / 'out'), folder)
        wrong += [f'run again, it ended with {again}'] if again else []
        wrong += faults(folder, _packages(folder / 'out'), set())
        here = {each.relative_to(folder): names(each) for each in _packages(folder / 'out')}
        if here != {each.relative_to(work / 'whole'): names(each) for each in wanted}:
            wrong.append(f'run again, it has other packages: {sorted(map(str, here))}')
        found.wrong += [f'batch {number}, killed {victim}: {each}' for each in wrong]
        shutil.rmtree(folder)


class Killing:
    """Kills something of a batch after some seconds.

    Args:
        victim: One of ``VICTIMS``.
        seconds: When.
        folder: Where the batch works.
    """

    def __init__(self, victim: str, seconds: float, folder: Path) -> None:
        self.done = False
        self._victim, self._seconds, self._folder = victim, seconds, folder

    def __call__(self, child: int) -> None:
        """Kill it."""
        time.sleep(self._seconds)
        end = time.monotonic() + self._seconds
        while not self.done and time.monotonic() < end:
            self.done = kill_of_batch(self._victim, child, self._folder)
            time.sleep(0.02)


def _packages(folder: Path) -> list[Path]:
    """The packages below a folder; what is being written is none."""
    return [each.parent for each in folder.rglob('manifest.json') if not each.parents[1].name.startswith('.')]


def _toys(work: Path) -> list[str]:
    """Three configs like the toy one."""
    files = [work / f'{each}.py' for each in ('a', 'b', 'c')]
    for each in files:
        each.write_text(f'_base_ = {str(CONFIG)!r}\n')
    return [str(each) for each in files]


def main() -> int:
    """Kill, and count what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0] if __doc__ else '')
    parser.add_argument('--kills', type=int, default=100)
    parser.add_argument('--batches', type=int, default=12)
    parser.add_argument('--verified', type=float, default=0.2, help='share of exports that are verified, too')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--config', nargs='+', help='instead of those of a toy library')
    args = parser.parse_args()
    generator = random.Random(args.seed)
    sys.path.insert(0, str(TOYLIB))
    os.environ['PYTHONPATH'] = os.pathsep.join([str(TOYLIB), os.environ.get('PYTHONPATH', '')])
    found = Found()
    with tempfile.TemporaryDirectory(prefix='kill_export_') as name:
        configs = args.config or [str(CONFIG)]
        for number, config in enumerate(configs):
            work = Path(name, f'exports_{number}')
            work.mkdir()
            kills = len(range(number, args.kills, len(configs)))
            kill_exports(config, kills, args.verified, generator, work, found)
        if args.batches:
            kill_batches(args.config or _toys(Path(name)), args.batches, generator, Path(name, 'batches'), found)
    print(json.dumps({'seed': args.seed, 'killed': dict(found.killed), 'wrong': found.wrong}, indent=1))
    return 1 if found.wrong else 0


if __name__ == '__main__':
    sys.exit(main())
