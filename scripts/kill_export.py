"""Kill exports at random moments, and look at what is left.

    python scripts/kill_export.py [--kills 100] [--batches 10] [--seed 0]

Each export runs in a process forked from one that has imported everything, and kills itself (SIGKILL) at one of the
things that it does to the system (files, imports, programs: what Python audits), spread evenly over the stages; a batch
is killed after a random time. Afterwards the target must be what it was or what it becomes, whole; no process may go
on; and what else is left must be gone after the next run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from introspect_export import export
from introspect_export.batch.run import batch
from introspect_export.emit.existing import check_package
from introspect_export.emit.placing import rescue
from introspect_export.scratch import remove_left
from introspect_export.stages import STAGES, Clock

TOYLIB = Path(__file__).parents[1] / 'tests' / 'projects'
CONFIG = TOYLIB / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'
_PATIENCE = 10.0


class Moments:
    """Counts what a process does in each stage, and kills it at one of these moments.

    Args:
        stage: The stage in which it is killed; empty for none.
        moment: At which of its moments.
    """

    def __init__(self, stage: str = '', moment: int = 0) -> None:
        self.counts: Counter[str] = Counter()
        self._at, self._stage, self._moment = '', stage, moment

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch this process, which is to end with the context."""
        original = Clock.stage

        @contextmanager
        def stage(clock: Clock, name: str, line: str) -> Iterator[Any]:
            self._at = name
            with original(clock, name, line) as returned:
                yield returned

        Clock.stage = stage  # type: ignore[method-assign, assignment]
        sys.addaudithook(self._hook)
        yield

    def _hook(self, event: str, _: object) -> None:
        if event.startswith(('object.', 'sys._getframe', 'compile', 'exec', 'marshal', 'code.')):
            return
        self.counts[self._at] += 1
        if self._at == self._stage and self.counts[self._at] > self._moment:
            self._stage = ''  # Killing is a moment, too.
            os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], None], temporary: Path, seconds: float | None = None) -> int:
    """Do something in a child, which is killed after some seconds; how it ended."""
    child = os.fork()
    if child == 0:
        os.setsid()
        sink = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(sink, descriptor)
        os.environ['TMPDIR'] = tempfile.tempdir = str(temporary)
        try:
            work()
        finally:
            os._exit(1)
    timer = threading.Timer(seconds, os.kill, (child, signal.SIGKILL)) if seconds is not None else None
    if timer is not None:
        timer.start()
    _, status = os.waitpid(child, 0)
    if timer is not None:
        timer.cancel()
    return status


def one_export(out: Path, moments: Moments, verify: str | None, counts: Path | None = None) -> None:
    """What a child does."""
    with moments.watched():
        export(CONFIG, out, force=True, verify=verify)
    if counts is not None:
        counts.write_text(json.dumps(moments.counts))
    os._exit(0)


def one_batch(configs: list[str], out: Path) -> None:
    """What a child does."""
    batch(configs, out, jobs=2, verify='import')
    os._exit(0)


def going_on(folder: Path) -> list[int]:
    """The processes that work in a folder or were told of it."""
    found = []
    for entry in Path('/proc').iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                said = (entry / 'cmdline').read_bytes() + os.fsencode(os.readlink(entry / 'cwd'))
            except OSError:
                continue
            if os.fsencode(folder) in said:
                found.append(int(entry.name))
    return found


def names(out: Path) -> frozenset[str]:
    """The files of a package, and their digests; of none, nothing."""
    if not out.exists():
        return frozenset()
    check_package(out, out)
    files: dict[str, str] = json.loads((out / 'manifest.json').read_text())['files']
    return frozenset(f'{name} {digest}' for name, digest in files.items())


def faults(folder: Path, outs: list[Path], wanted: set[frozenset[str]]) -> list[str]:
    """What is wrong after a kill, when the next run has begun."""
    end = time.monotonic() + _PATIENCE
    while going_on(folder) and time.monotonic() < end:
        time.sleep(0.05)
    found = [f'process {each} goes on' for each in going_on(folder)]
    for parent in {folder / 'temporary', *(each.parent for each in outs)}:
        if parent.is_dir():
            remove_left(parent, rescue=rescue)
    for out in outs:
        try:
            if names(out) not in wanted:
                found.append(f'{out.name} is neither the old nor the new package')
        except Exception as error:
            found.append(f'{out.name}: {error}')
    left = [each.name for each in (folder / 'temporary').iterdir()]
    left += [each.name for out in outs if out.parent.is_dir() for each in out.parent.iterdir() if each.name[0] == '.']
    return found + [f'{each} is left' for each in left]


def main() -> int:
    """Kill, and count what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0] if __doc__ else '')
    parser.add_argument('--kills', type=int, default=100)
    parser.add_argument('--batches', type=int, default=10)
    parser.add_argument('--verified', type=float, default=0.2, help='share of exports that are verified, too')
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    generator = random.Random(args.seed)
    sys.path.insert(0, str(TOYLIB))
    os.environ['PYTHONPATH'] = os.pathsep.join([str(TOYLIB), os.environ.get('PYTHONPATH', '')])
    wrong: list[str] = []
    killed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix='kill_export_') as name:
        work = Path(name)
        old, new = work / 'old', work / 'new'
        export(CONFIG, new, verify=None)
        export(CONFIG, old, verify=None, options={'model.head.channels': 4})
        (work / 'first').mkdir()
        forked(lambda: one_export(work / 'first' / 'out', Moments(), 'import', work / 'counts'), work / 'first')
        counts: dict[str, int] = json.loads((work / 'counts').read_text())
        wanted = {names(new), frozenset()}
        for number in range(args.kills):
            folder = work / f'kill_{number}'
            (folder / 'temporary').mkdir(parents=True)
            out = folder / 'out'
            replacing = generator.random() < 0.5
            if replacing:
                export_copy(old, out)
            stages = [each for each in STAGES if counts.get(each)]
            verified = generator.random() < args.verified
            stage = 'verify' if verified else stages[number % (len(stages) - 1)]
            moments = Moments(stage, generator.randrange(counts[stage]))
            work_on = partial(one_export, out, moments, 'import' if verified else None)
            status = forked(work_on, folder / 'temporary')
            killed[stage if os.WIFSIGNALED(status) else 'came to its end'] += 1
            found = faults(folder, [out], {names(new), names(old)} if replacing else wanted)
            wrong += [f'kill {number} in {stage}: {each}' for each in found]
        for number in range(args.batches):
            folder = work / f'batch_{number}'
            (folder / 'temporary').mkdir(parents=True)
            configs = [folder / f'{each}.py' for each in ('a', 'b', 'c')]
            for each in configs:
                each.write_text(f'_base_ = {str(CONFIG)!r}\n')

            batching = partial(one_batch, [str(each) for each in configs], folder / 'out')
            status = forked(batching, folder / 'temporary', generator.uniform(0.5, 15))
            killed['batch' if os.WIFSIGNALED(status) else 'batch came to its end'] += 1
            outs = [file.parent for file in (folder / 'out').rglob('manifest.json')]
            found = faults(folder, [each for each in outs if not each.parent.name.startswith('.')], set())
            wrong += [f'batch {number}: {each}' for each in found if 'neither' not in each]
    print(json.dumps({'seed': args.seed, 'killed': dict(killed), 'wrong': wrong}, indent=1))
    return 1 if wrong else 0


def export_copy(package: Path, out: Path) -> None:
    """Put a package where another is to replace it."""
    import shutil

    shutil.copytree(package, out)


if __name__ == '__main__':
    sys.exit(main())
