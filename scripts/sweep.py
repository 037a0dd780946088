"""Export and check every config of installed libraries, or a sample of them, and write one table.

    python scripts/sweep.py mmseg --per-folder 1 --fraction 0.25 --seed 7 --jobs 2

A config counts as passed if its package, where none of the libraries it came from can be imported, builds a model with
the same ``state_dict`` keys in the same order and of the same shapes, the same class name at every module path, and
takes the original's weights as strictly as the original. With ``--level`` it is then compared with the original as
``verify`` does it.
What was done is kept in `docs/zoo.jsonl`, a JSON line a config: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from sweep_choice import chosen, configs_of, lightest
from sweep_prove import COMPARED, LIMITS, Limits, compared_up_to, prove
from sweep_server import building, checking, run
from sweep_table import table

from introspect_export.batch.forkserver_client import ForkServer
from introspect_export.cli.termination import terminable

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_RESULTS = ROOT / 'docs' / 'zoo.jsonl'
WORK = Path(tempfile.gettempdir()) / 'introspect_export_sweep'
TIMEOUTS = {'reference': 240.0, 'export': 400.0, 'check': 240.0}


class Sweep:
    """Works on configs, several at a time, and keeps the results.

    Args:
        results: The JSON-lines file.
        work: Where packages are written.
        keep: Whether those that pass are kept, too.
        progress: Shows how far it is.
        level: How far packages are compared with their originals.
        limits: What an original or a package may take while they are compared.
    """

    def __init__(
        self,
        results: Path,
        work: Path,
        keep: bool,
        progress: Progress,
        level: str = 'build',
        limits: Limits = LIMITS,
    ) -> None:
        self._keep = keep
        self._level = level
        self._limits = limits
        self._results = results
        self._work = work
        self._progress = progress
        self._counts = {'passed': 0, 'failed': 0, 'reference': 0}
        self._task = progress.add_task('', total=0)

    def run(self, library: str, configs: Iterable[str], jobs: int, checker: ForkServer) -> None:
        """Work on a library's configs.

        Args:
            library: The library.
            configs: Its configs.
            jobs: How many at a time.
            checker: The server in which packages are checked, for any library's.

        Raises:
            ServerDied: A server ended, which no config can make it do.
        """
        configs = list(configs)
        self._progress.reset(self._task, total=len(configs), description=library)
        if not configs:
            return
        # The servers end before the threads that wait for them are waited for.
        with ThreadPoolExecutor(jobs) as pool, closing(building(library)) as builder:
            running = [pool.submit(self._one, library, config, builder, checker) for config in configs]
            try:
                for each in as_completed(running):
                    self._finished(each.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _one(self, library: str, config: str, builder: ForkServer, checker: ForkServer) -> dict[str, Any]:
        folder, out = self._folder(config), self.package(config)
        log, known = folder / 'log.txt', folder / 'reference.pkl'
        record: dict[str, Any] = {'config': config, 'library': library}
        record['reference'] = run(
            builder, 'reference', TIMEOUTS['reference'], log, config=config, library=library, answer=str(known)
        )
        record['export'] = run(builder, 'export', TIMEOUTS['export'], log, config=config, out=str(out))
        if record['export']['ok']:
            built = record['reference']['ok']
            origins = sorted({library, *record['export']['origins']})
            record['check'] = run(
                checker,
                'check',
                TIMEOUTS['check'],
                log,
                out=str(out),
                known=str(known) if built else None,
                origins=origins,
            )
            if self._level in COMPARED and comparable(record):
                record['prove'] = prove(builder, checker, out, config, self._level, log, self._limits)
        known.unlink(missing_ok=True)
        if outcome_of(record) == 'passed' and not self._keep:
            shutil.rmtree(folder, ignore_errors=True)
        return record

    def package(self, config: str) -> Path:
        """Where the package of a config is written."""
        return self._work / config.replace('::', '/').replace('/', '__') / 'out'

    def _folder(self, config: str) -> Path:
        """An empty folder for a config."""
        folder = self.package(config).parent
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def _finished(self, record: dict[str, Any]) -> None:
        """Keep a result and show it."""
        outcome = outcome_of(record)
        with self._results.open('a', encoding='utf-8') as file:
            file.write(_portable(json.dumps(record)) + '\n')
        self._counts['reference' if outcome == 'reference' else 'passed' if outcome == 'passed' else 'failed'] += 1
        counts = ', '.join(f'{count} {name}' for name, count in self._counts.items())
        self._progress.update(self._task, advance=1, description=f'{record["library"]}: {counts}')
        if outcome not in ('passed', 'reference'):
            reason = record[outcome]['reason'].splitlines() or ['']
            self._progress.console.print(f'[red]{outcome}[/] {record["config"]}: {reason[0][:200]}', highlight=False)


def _portable(text: str) -> str:
    """A text without the folders of this machine."""
    folders = ((sys.prefix, 'PREFIX'), (str(ROOT), 'ROOT'), (sys.base_prefix, 'PYTHON'))
    for folder, name in (*folders, (tempfile.gettempdir(), 'TEMPORARY')):
        text = re.sub(rf'(?<![\w.]){re.escape(folder)}(?![\w.-])', name, text)
    return text


def comparable(record: dict[str, Any]) -> bool:
    """Whether package and original can both be built; those that only ask for weights that are not here, without."""
    codes = record['export']['codes']
    without_weights = 'IE-NO-WEIGHTS' in codes and 'IE-MODEL-NOT-BUILT' not in codes
    return without_weights or bool(record['reference']['ok'] and record['check']['ok'])


def outcome_of(record: dict[str, Any]) -> str:
    """``passed``, or the job that failed; where the original cannot be built that is ``reference``."""
    if not record.get('prove', {'ok': True})['ok']:
        return 'prove'
    return next((job for job in ('reference', 'export', 'check') if not record.get(job, {}).get('ok')), 'passed')


def load(results: Path) -> dict[str, dict[str, Any]]:
    """The last result of every config."""
    if not results.exists():
        return {}
    records = [json.loads(line) for line in results.read_text(encoding='utf-8').splitlines()]
    return {record['config']: record for record in records}


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('library', nargs='+', help='an installed package with configs')
    parser.add_argument('--per-folder', type=int, metavar='N', help='only N configs of every folder')
    parser.add_argument(
        '--lightest', action='store_true', help='of every folder those in the results, or else one with a small model'
    )
    parser.add_argument('--fraction', type=float, metavar='F', help='only this fraction of all, beside --per-folder')
    parser.add_argument('--count', type=int, metavar='N', help='only N configs of each library, beside those two')
    parser.add_argument(
        '--level', choices=('build', *COMPARED), default='build', help='compare with the original up to this level, too'
    )
    parser.add_argument('--seed', type=int, default=0, help='what the samples are drawn with')
    parser.add_argument('--match', action='append', metavar='GLOB', help='only configs that match; may be repeated')
    parser.add_argument('--jobs', type=int, default=2, help='how many configs at a time')
    parser.add_argument(
        '--memory',
        type=int,
        default=LIMITS.memory,
        metavar='GIB',
        help='how much each may take while they are compared',
    )
    parser.add_argument(
        '--step', type=float, default=LIMITS.step, metavar='SECONDS', help='how long a step of comparing may take'
    )
    parser.add_argument('--results', type=Path, default=DEFAULT_RESULTS, help='the JSON-lines file')
    parser.add_argument('--work', type=Path, default=WORK, help='where packages are written')
    parser.add_argument('--table', type=Path, default=ROOT / 'docs' / 'zoo.md', help='the table')
    parser.add_argument('--about', type=Path, metavar='FILE', help='what stands at the head of the table')
    parser.add_argument('--retry', action='store_true', help='work again on what did not pass or was not all shown')
    parser.add_argument('--fresh', action='store_true', help='work again on everything that is chosen')
    parser.add_argument('--keep', action='store_true', help='keep the packages that pass')
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweep; the exit status is 0 where all that can be built here passed."""
    options = parsed(arguments)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    known = load(options.results)
    sample = {one: _sample(one, known, options) for one in options.library}
    columns = (
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with terminable(), Progress(*columns, console=Console(stderr=True)) as progress, closing(checking()) as checker:
        sweep = Sweep(options.results, options.work, options.keep, progress, options.level, _limits(options))
        for library, configs in sample.items():
            wanted = [one for one in configs if _wanted(one, known.get(one), options)]
            # What is done when the run is stopped is a sample, too.
            random.Random(options.seed).shuffle(wanted)
            sweep.run(library, wanted, options.jobs, checker)
    records = load(options.results)
    options.table.parent.mkdir(parents=True, exist_ok=True)
    sizes = {one: len(configs_of(one)) for one in _libraries(records)}
    about = options.about.read_text(encoding='utf-8') if options.about else ''
    options.table.write_text(table(list(records.values()), sizes, _command(options), about), encoding='utf-8')
    asked = [records[one] for configs in sample.values() for one in configs if one in records]
    return 0 if all(outcome_of(record) in ('passed', 'reference') for record in asked) else 1


def _limits(options: argparse.Namespace) -> Limits:
    """What each that is compared may take: for all steps, four times what one may."""
    return Limits(options.memory, options.step, 4 * options.step)


def _sample(library: str, known: dict[str, Any], options: argparse.Namespace) -> list[str]:
    """The configs of a library that are to be worked on, or were."""
    configs = configs_of(library)
    if options.lightest:
        return lightest(library, configs, known, options.seed, options.jobs)
    return chosen(configs, options.per_folder, options.fraction, options.seed, options.count)


def _wanted(config: str, known: dict[str, Any] | None, options: argparse.Namespace) -> bool:
    if options.match and not any(fnmatch(config, pattern) for pattern in options.match):
        return False
    if known is not None and options.level in COMPARED and outcome_of(known) == 'passed':
        levels = known.get('prove', {}).get('levels', {})
        outcomes = {outcome for outcome, _ in levels.values()}
        # The first that fails is the last that is tried.
        lacking = 'failed' not in outcomes and not levels.keys() >= set(compared_up_to(options.level))
        return options.fresh or lacking or (options.retry and outcomes != {'shown'})
    return known is None or options.fresh or (options.retry and outcome_of(known) not in ('passed', 'reference'))


def _libraries(records: dict[str, dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(record['library'] for record in records.values()))


def _command(options: argparse.Namespace) -> str:
    parts = ['python scripts/sweep.py', *options.library]
    if options.per_folder is not None:
        parts.append(f'--per-folder {options.per_folder}')
    if options.lightest:
        parts.append('--lightest')
    if options.fraction is not None:
        parts.append(f'--fraction {options.fraction}')
    if options.count is not None:
        parts.append(f'--count {options.count}')
    if options.level != 'build':
        parts.append(f'--level {options.level} --memory {options.memory:g}')
    if options.step != LIMITS.step:
        parts.append(f'--step {options.step:g}')
    parts += [f'--match {shlex.quote(pattern)}' for pattern in options.match or ()]
    drawn = (options.per_folder, options.fraction, options.count)
    if options.lightest or any(each is not None for each in drawn):
        parts.append(f'--seed {options.seed}')
    if options.about:
        parts.append(f'--about {shlex.quote(os.path.relpath(options.about, ROOT))}')
    return ' '.join(parts)


if __name__ == '__main__':
    sys.exit(main())
