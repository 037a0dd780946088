"""The sweep's own parts: what it chooses, how it goes on, what it says."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / 'scripts'))
import sweep  # noqa: E402
from sweep import _portable, _wanted, comparable, load, outcome_of, parsed  # noqa: E402
from sweep_choice import chosen  # noqa: E402
from sweep_prove import COMPARED  # noqa: E402
from sweep_table import table  # noqa: E402

CONFIGS = [f'lib::{folder}/{number}.py' for folder in ('a', 'b', 'c') for number in range(10)]


def answer(ok: bool = True, **more: Any) -> dict[str, Any]:
    return {'ok': ok, 'seconds': 2.0, 'lines': 100, 'differing_weights': [], 'codes': {'IE-X': 1}, **more}


def record(config: str, **jobs: dict[str, Any]) -> dict[str, Any]:
    return {'config': config, 'library': 'lib', **jobs}


def failure(reason: str, kind: str = 'KeyError') -> dict[str, Any]:
    return {'ok': False, 'kind': kind, 'reason': reason}


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    assert chosen(CONFIGS, None, None, 1) == CONFIGS
    few = chosen(CONFIGS, 1, None, 1)
    assert [config.partition('/')[0] for config in few] == ['lib::a', 'lib::b', 'lib::c']
    assert few == chosen(CONFIGS, 1, None, 1)
    assert few != chosen(CONFIGS, 1, None, 2)
    assert len(chosen(CONFIGS, None, 0.5, 1)) == 15
    assert set(few) <= set(chosen(CONFIGS, 1, 0.5, 1))


def test_the_last_result_counts(tmp_path: Path) -> None:
    results = tmp_path / 'results.jsonl'
    assert load(results) == {}
    lines = [record('lib::a/0.py', reference=answer(), export=failure('x')), record('lib::a/0.py', reference=answer())]
    results.write_text('\n'.join(map(json.dumps, lines)))
    assert load(results) == {'lib::a/0.py': lines[1]}


def test_results_name_no_folder_of_the_machine() -> None:
    text = f'no {sys.prefix}/lib/x.py, {ROOT}/docs, {tempfile.gettempdir()}/a1 x{ROOT}/docs'
    assert _portable(text) == 'no PREFIX/lib/x.py, ROOT/docs, TEMPORARY/a1 x' + f'{ROOT}/docs'


def test_outcomes() -> None:
    assert outcome_of(record('c', reference=answer(), export=answer(), check=answer())) == 'passed'
    assert outcome_of(record('c', reference=failure('x'), export=answer(), check=answer())) == 'reference'
    assert outcome_of(record('c', reference=answer(), export=failure('x'))) == 'export'
    assert outcome_of(record('c', reference=answer(), export=answer(), check=failure('x'))) == 'check'


def test_the_table_groups_equal_reasons() -> None:
    records = [
        record('lib::a/0.py', reference=answer(), export=answer(), check=answer()),
        record('lib::a/1.py', reference=answer(), export=answer(), check=answer(differing_weights=['w'])),
        record(
            'lib::a/2.py', reference=answer(), export=answer(), check=failure('no /tmp/some/where/x.txt at 0x7f 12')
        ),
        record('lib::a/3.py', reference=answer(), export=answer(), check=failure('no /home/else/x.txt at 0x8a 7')),
        record('lib::a/4.py', reference=answer(), export=failure('model: wrong', 'ExportError')),
        record('lib::a/5.py', reference=failure('no net'), export=answer(), check=failure('no net')),
    ]
    text = table(records, {'lib': 30}, 'the command', 'Which they are.\n')
    assert text.startswith('# The zoo\n\nWhich they are.\n\nEvery config tried')
    assert '| lib | 30 | 6 | 5 | 4 | 2 | 40.0 % | 1 | 2.0 | 100 |' in text
    assert '- **2** check: KeyError: no x.txt at N N\n  (`lib::a/2.py`, `lib::a/3.py`)' in text
    assert '- **1** export: ExportError: model: wrong' in text
    assert (
        '1 are exported all the same: 0 of those packages build alone, and 1 fail with the error of the original'
        in text
    )
    assert '| `IE-X` | 5 |' in text


def proved(**levels: tuple[str, str]) -> dict[str, Any]:
    """What the sweep keeps of a comparison."""
    failed = [reason for outcome, reason in levels.values() if outcome == 'failed']
    return {'ok': not failed, 'kind': 'Difference', 'reason': '; '.join(failed), 'levels': levels, 'cpu': 12.4}


def test_the_table_says_what_was_shown_beside_the_original() -> None:
    fine = dict.fromkeys(COMPARED, ('shown', ''))
    reason = ('not shown', 'no file 7')
    no_data = {'state': ('shown', ''), 'objects': ('shown', ''), 'forward': reason, 'train': reason}
    jobs = dict(reference=answer(), export=answer(), check=answer())
    records = [
        record('lib::a/0.py', **jobs, prove={**proved(**fine), 'initialized': True}),
        record('lib::a/1.py', **jobs, prove=proved(**no_data)),
        record('lib::a/2.py', **jobs, prove=proved(state=('failed', 'pack lacks w'))),
        record('lib::b/c/0.py', **jobs, prove=proved(**no_data)),
        record('lib::a/3.py', **jobs),
    ]
    assert [outcome_of(each) for each in records] == ['passed', 'passed', 'prove', 'passed', 'passed']
    text = table(records, {'lib': 30}, 'the command')
    levels = 'state | initialized | objects | forward | train | evaluate | code | data'
    assert f'| library | compared | {levels} | at *train* | different | CPU |' in text
    assert '| lib | 4 | 3 | 1 | 3 | 1 | 1 | 1 of 2 | 1 of 2 | 1 of 2 | 25.0 % | 1 | 12 |' in text
    assert 'Of the 2 folders with a config that was compared, 1 (50.0 %) have one that is shown at *train*.' in text
    assert '| `lib::a/0.py` | yes | yes | yes | yes | yes | yes | yes |' in text
    assert '| `lib::a/1.py` | yes | yes | — | — |  |  |  |' in text
    assert '| `lib::a/2.py` | **no** |  |  |  |  |  |  |' in text
    assert '- **2** forward not shown: no file N\n  (`lib::a/1.py`, `lib::b/c/0.py`)' in text
    assert '- **1** state failed: pack lacks w\n  (`lib::a/2.py`)' in text
    assert 'Proven the same' not in table(records[4:], {'lib': 30}, 'the command')


def test_a_level_that_was_not_tried_before_is_tried_now() -> None:
    jobs, shown = dict(reference=answer(), export=answer(), check=answer()), ('shown', '')
    known = record('lib::a/0.py', **jobs)
    assert not _wanted('lib::a/0.py', known, parsed(['lib']))
    assert _wanted('lib::a/0.py', known, parsed(['lib', '--level', 'train']))
    known['prove'] = proved(state=shown, objects=shown, forward=shown, train=('not shown', 'why'))
    assert not _wanted('lib::a/0.py', known, parsed(['lib', '--level', 'train']))
    assert _wanted('lib::a/0.py', known, parsed(['lib', '--level', 'data']))
    assert not _wanted('lib::a/0.py', None, parsed(['lib', '--match', '*/b/*']))
    assert _wanted('lib::a/0.py', known, parsed(['lib', '--level', 'train', '--retry']))
    known['prove'] = proved(state=shown, objects=shown, forward=shown, train=shown)
    assert not _wanted('lib::a/0.py', known, parsed(['lib', '--level', 'train', '--retry']))


def test_originals_that_only_lack_weights_are_compared_without() -> None:
    jobs = dict(reference=failure('no net'), check=failure('no net'))
    assert comparable(record('c', reference=answer(), export=answer(codes={}), check=answer()))
    assert not comparable(record('c', reference=answer(), export=answer(codes={}), check=failure('x')))
    assert comparable(record('c', **jobs, export=answer(codes={'IE-NO-WEIGHTS': 1})))
    assert not comparable(record('c', **jobs, export=answer(codes={'IE-NO-WEIGHTS': 1, 'IE-MODEL-NOT-BUILT': 1})))
    different = record('c', **jobs, export=answer(codes={'IE-NO-WEIGHTS': 1}), prove=proved(state=('failed', 'w')))
    assert outcome_of(different) == 'prove'


class Closing:
    """In the place of a server: a job waits for its end."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def close(self) -> None:
        self.ended.set()


def test_a_sweep_that_is_stopped_ends_what_its_threads_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[bool] = []

    def work(self: sweep.Sweep, library: str, config: str, builder: Any, checker: Any) -> dict[str, Any]:
        if config == 'long':
            waited.append(builder.ended.wait(5))
        return record(config)

    def stop(self: sweep.Sweep, record: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, 'building', lambda library: Closing())
    monkeypatch.setattr(sweep, 'checking', Closing)
    monkeypatch.setattr(sweep.Sweep, '_one', work)
    monkeypatch.setattr(sweep.Sweep, '_finished', stop)
    running = sweep.Sweep(tmp_path / 'results', tmp_path, keep=False, progress=Progress(disable=True))
    with pytest.raises(KeyboardInterrupt):
        running.run('lib', ['long', 'short'], 2, Closing())  # type: ignore[arg-type]
    assert waited == [True]
