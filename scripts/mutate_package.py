"""Put faults into exported packages, one at a time, and see whether ``verify`` notices.

    python scripts/mutate_package.py mmdet::fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py --count 60 --seed 1

Each config is exported and compared with its original up to ``--level``, while it is written down which lines of the
package run. Then faults of all kinds (``package_faults.py``, ``config_faults.py``) are drawn at random places among
these, each is put into a copy of the package, and the copy is compared in the same way. A fault that no level notices
has escaped. Results are kept in a JSON-lines file, so that a run goes on where it was stopped, and written as a table.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config_faults import config_faults
from mutate_jobs import executed
from mutate_served import Bench, Outcome
from mutate_table import table
from package_faults import Fault, chosen, faults
from sweep_server import building, checking, run

from introspect_export.cli.termination import terminable
from introspect_export.verify.child.config_file import config_file
from introspect_export.verify.verify_facts import LEVELS

ROOT = Path(__file__).resolve().parent.parent
EXPORTING = 400.0
ESCAPED = 'escaped'


class Campaign:
    """The faults of one config.

    Args:
        config: The config, as ``library::path``.
        level: The last level that may notice a fault.
        work: An empty folder.
        without: Levels to leave out.
    """

    def __init__(self, config: str, level: str, work: Path, without: Sequence[str] = ()) -> None:
        self._config = config
        self._level = level
        self._without = without
        self._work = work
        self._out, self._mutant = work / 'out', work / 'mutant' / 'out'

    def run(self, count: int, seed: int, done: set[str]) -> Iterator[dict[str, Any]]:
        """Try faults, and give a record of each.

        Args:
            count: How many.
            seed: What they are drawn with.
            done: The names of those that are tried already.

        Raises:
            SystemExit: The package itself does not pass, so that nothing can be said of faults.
        """
        library = self._config.partition('::')[0]
        with closing(building(library)) as builder, closing(checking()) as checker:
            log = self._work / 'log.txt'
            answer = run(builder, 'export', EXPORTING, log, config=self._config, out=str(self._out))
            if not answer['ok']:
                raise SystemExit(f'{self._config} is not exported: {answer["reason"]}')
            with closing(
                Bench(self._config, self._out, self._work, builder, checker, self._level, self._without)
            ) as bench:
                for fault in self._drawn(bench, count, seed):
                    if name_of(self._config, fault) not in done:
                        yield self._tried(bench, fault)

    def _drawn(self, bench: Bench, count: int, seed: int) -> list[Fault]:
        """A sample of the faults in lines that run where the package is compared as it is."""
        trace = self._work / 'lines.txt'
        whole = self._checked(bench, None, trace)
        if whole.caught:
            raise SystemExit(f'{self._config} does not pass as it is: {whole.caught}: {whole.reason}')
        print(f'{self._config}: {whole.said}', file=sys.stderr, flush=True)
        lines = {file: ran for file, ran in executed(self._mutant, trace).items() if '/configs/' not in file}
        config = str(config_file(self._out).relative_to(self._out))
        return chosen({**faults(self._out, lines), **config_faults(self._out, config)}, count, seed)

    def _tried(self, bench: Bench, fault: Fault) -> dict[str, Any]:
        start = time.monotonic()
        outcome = self._checked(bench, fault)
        record = {'name': name_of(self._config, fault), 'config': self._config, **asdict(fault)}
        record.update(caught=outcome.caught or ESCAPED, reason=outcome.reason[:300])
        return {**record, 'seconds': round(time.monotonic() - start, 1)}

    def _checked(self, bench: Bench, fault: Fault | None, trace: Path | None = None) -> Outcome:
        """Compare a copy of the package in which there is a fault."""
        shutil.rmtree(self._mutant.parent, ignore_errors=True)
        shutil.copytree(self._out, self._mutant)
        if fault is not None:
            fault.apply(self._mutant)
            try:
                ast.parse((self._mutant / fault.file).read_bytes())
            except SyntaxError as error:
                return Outcome('syntax', str(error))
        return bench.check(self._mutant, str(trace or ''))


def name_of(config: str, fault: Fault) -> str:
    """What tells a fault from all others."""
    return f'{config} {fault.file}:{fault.line} {fault.kind}: {fault.before} -> {fault.after}'


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', nargs='+', help='library::path of a config that an installed package carries')
    parser.add_argument('--count', type=int, default=50, help='how many faults to put into each package')
    parser.add_argument('--seed', type=int, default=0, help='what they are drawn with')
    parser.add_argument('--level', choices=LEVELS, default='data', help='the last level that may notice a fault')
    parser.add_argument(
        '--without', action='append', default=[], choices=LEVELS, help='a level to leave out; may be repeated'
    )
    parser.add_argument('--results', type=Path, default=ROOT / 'docs' / 'mutated.jsonl', help='the JSON-lines file')
    parser.add_argument('--table', type=Path, default=ROOT / 'docs' / 'mutated.md', help='the table')
    parser.add_argument(
        '--reasons', type=Path, default=ROOT / 'docs' / 'mutated_reasons.json', help='why faults escaped'
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit status is 0 where at least 97 % are noticed."""
    options = parsed(arguments)
    records = load(options.results)
    with terminable():
        for config in options.config:
            with tempfile.TemporaryDirectory(prefix='mutate_') as work:
                campaign = Campaign(config, options.level, Path(work), options.without)
                for record in campaign.run(options.count, options.seed, {one['name'] for one in records}):
                    records.append(record)
                    with options.results.open('a', encoding='utf-8') as file:
                        file.write(json.dumps(record) + '\n')
                    print(f'{record["caught"]:9} {record["seconds"]:5} s  {record["name"]}'[:230], flush=True)
    reasons = json.loads(options.reasons.read_text(encoding='utf-8')) if options.reasons.is_file() else {}
    command = (
        f'python scripts/mutate_package.py {" ".join(options.config)} --count {options.count} --seed {options.seed}'
    )
    text, share = table(records, reasons, command)
    options.table.write_text(text, encoding='utf-8')
    return 0 if share >= 0.97 else 1


def load(results: Path) -> list[dict[str, Any]]:
    """The records that are there; one for each fault."""
    if not results.exists():
        return []
    found = [json.loads(line) for line in results.read_text(encoding='utf-8').splitlines()]
    return list({one['name']: one for one in found}.values())


if __name__ == '__main__':
    sys.exit(main())
