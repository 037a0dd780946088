"""Break the program on purpose, one rule at a time, and see that the tests of the stage notice it.

    python scripts/mutate_program.py [--stage STAGE] [NAME ...]

Faults are those of ``mutations.py``. For each, the stage's tests run on a copy of the program: unit tests first, then
others; for the flattener, generated hierarchies after that. Results are kept in a JSON-lines file, so that a run goes
on where it was stopped; ``--again`` tries what is there already. The table is written from them.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from mutations import MUTATIONS, PROGRAM, Mutation

ROOT = Path(__file__).resolve().parent.parent
WANTED = 0.95
_EXAMPLES = 400
_CAUGHT, _SURVIVED = 'caught', 'survived'
_LONGEST = 900  # Seconds of one fault: what takes longer, hangs.


class Copy:
    """A copy of the program and its tests, in which there is one fault at a time.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for part in (PROGRAM, 'scripts', 'tests'):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns('__pycache__'))
        shutil.copy(ROOT / 'pyproject.toml', folder)

    def outcome(self, mutation: Mutation) -> str:
        """Whether the tests notice a fault."""
        target = mutation.target(self._folder)
        source = target.read_text(encoding='utf-8')
        changed = source.replace(mutation.text, mutation.replacement)
        if 'bisect_left' in mutation.replacement:
            changed = changed.replace('import bisect_right', 'import bisect_left, bisect_right')
        target.write_text(changed, encoding='utf-8')
        try:
            passed = _in_a_process_of_its_own(lambda: _tests_pass(self._folder, mutation))
        finally:
            target.write_text(source, encoding='utf-8')
        return _SURVIVED if passed else _CAUGHT


def _in_a_process_of_its_own(check: Callable[[], bool]) -> bool:
    """The result of a check that imports the program; what takes long to import is there already."""
    process = os.fork()
    if not process:
        os.setsid()
        with open(os.devnull, 'w') as silence:
            os.dup2(silence.fileno(), 1)
            os.dup2(silence.fileno(), 2)
            passed = False
            try:
                passed = check()
            finally:
                os._exit(0 if passed else 1)
    end = time.monotonic() + _LONGEST
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, 9)
    os.waitpid(process, 0)
    return False


def _tests_pass(folder: Path, mutation: Mutation) -> bool:
    os.chdir(folder)
    # Texts of the same length, written in the same second, would share their bytecode.
    sys.dont_write_bytecode = True
    os.environ['PYTHONDONTWRITEBYTECODE'] = '1'
    os.environ['PYTHONPATH'] = str(folder)
    sys.path[:0] = [str(folder), str(folder / 'scripts'), str(folder / 'tests' / 'linearize')]
    tests = f'tests/{mutation.stage}/{mutation.tests}'
    common = ['-q', '-x', '-p', 'no:cacheprovider', '--ignore', 'tests/linearize/test_property.py']
    for chosen in ('unit', 'not unit and not corpus and not slow'):
        # 5: there are none.
        if pytest.main([*common, '-m', chosen, tests]) not in (0, 5):
            return False
    return mutation.stage != 'linearize' or not any(_fuzz(more) for more in ([], ['--hand-on']))


def _fuzz(more: list[str]) -> int:
    fuzz = importlib.import_module('fuzz')
    sys.argv = ['fuzz.py', '-n', str(_EXAMPLES), *more]
    found: int = fuzz.main()
    return found


def _key(mutation: Mutation) -> str:
    """What tells a fault from an older one of its name."""
    return hashlib.sha256(f'{mutation.text}\0{mutation.replacement}'.encode()).hexdigest()[:16]


def _known(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    lines = file.read_text(encoding='utf-8').splitlines() if file.exists() else []
    return {(one['stage'], one['name']): one for one in map(json.loads, lines)}


def _table(mutations: Iterable[Mutation], known: dict[tuple[str, str], dict[str, Any]], reasons: dict[str, str]) -> str:
    """The table, in Markdown."""
    found = [(one, known.get((one.stage, one.name))) for one in mutations]
    tried = [(one, record) for one, record in found if record]
    caught = sum(record['outcome'] == _CAUGHT for _, record in tried)
    stages: dict[str, list[int]] = {}
    for one, record in tried:
        row = stages.setdefault(one.stage, [0, 0])
        row[0] += 1
        row[1] += record['outcome'] == _CAUGHT
    lines = [
        '# Faults put into the program',
        '',
        'Written by `make mutants`: each fault of `scripts/mutations.py` is put into a copy of the program, and',
        'the tests of its stage run. `make package-faults` is about exported packages: [mutated.md](mutated.md).',
        '',
        f'**{caught} of {len(tried)} are noticed** ({len(found)} are listed).',
        '',
        '| stage | faults | noticed |',
        '|---|---|---|',
        *(f'| {stage} | {count} | {noticed} |' for stage, (count, noticed) in sorted(stages.items())),
        '',
        '## Those that no test notices',
        '',
    ]
    survivors = [one for one, record in tried if record['outcome'] == _SURVIVED]
    lines += [f'- {one.stage}, *{one.name}*: {reasons.get(one.name, "not looked into yet")}' for one in survivors]
    return '\n'.join([*lines, *([] if survivors else ['None.'])]) + '\n'


def main() -> int:
    """Run from the command line; the exit status is 0 where at least 95 % of those tried are noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', help='the faults; all of them where none is named')
    parser.add_argument('--stage', help='only those of a stage')
    parser.add_argument('--again', action='store_true', help='try those again that have been tried')
    parser.add_argument('--results', type=Path, default=ROOT / 'docs' / 'mutations.jsonl', help='the JSON-lines file')
    parser.add_argument('--table', type=Path, default=ROOT / 'docs' / 'mutations.md', help='the table')
    parser.add_argument(
        '--reasons', type=Path, default=ROOT / 'docs' / 'mutations_reasons.json', help='why some survive'
    )
    options = parser.parse_args()
    chosen = [
        one
        for one in MUTATIONS
        if options.stage in (None, one.stage) and (not options.names or one.name in options.names)
    ]
    for name in ('hypothesis', 'mmengine.runner', 'torch'):
        importlib.import_module(name)
    known = _known(options.results)
    with tempfile.TemporaryDirectory(prefix='mutants_') as folder:
        copy = Copy(Path(folder))
        for one in chosen:
            key, place = _key(one), (one.stage, one.name)
            if known.get(place, {}).get('key') == key and not options.again:
                continue
            start = time.monotonic()
            record = {'stage': one.stage, 'name': one.name, 'key': key, 'outcome': copy.outcome(one)}
            known[place] = record
            print(f'{record["outcome"]:9} {time.monotonic() - start:6.1f} s  {one.stage}: {one.name}', flush=True)
            with options.results.open('a', encoding='utf-8') as file:
                file.write(json.dumps(record) + '\n')
    reasons = json.loads(options.reasons.read_text(encoding='utf-8')) if options.reasons.is_file() else {}
    options.table.write_text(_table(MUTATIONS, known, reasons), encoding='utf-8')
    tried = [known[one.stage, one.name] for one in chosen]
    return 0 if sum(one['outcome'] == _CAUGHT for one in tried) >= WANTED * len(tried) else 1


if __name__ == '__main__':
    sys.exit(main())
