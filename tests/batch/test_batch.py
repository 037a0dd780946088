"""Batches: the packages are those of single exports, whatever fails, interrupts or runs it."""

from __future__ import annotations

import concurrent.futures
import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from introspect_export import ExportError, batch
from introspect_export.batch.jobs import Record
from introspect_export.batch.journal import NAME, Journal
from introspect_export.batch.journal import journal as opened

pytestmark = pytest.mark.xdist_group('batch')

GOOD = ['configs/a+b/net', 'configs/a+b/other', 'configs/c/net']
SEPARATE = 'import sys; from introspect_export import export; export(sys.argv[1], sys.argv[2], verify=None)'


def content(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob('*') if file.is_file()}


def journal(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / 'batch.jsonl').read_text().splitlines()[1:]]


def test_one_failure_leaves_the_others_alone(configs: Path) -> None:
    records: list[tuple[Record, int, int]] = []
    result = batch(['configs'], 'out', jobs=2, listener=lambda *facts: records.append(facts))
    out = configs.parent / 'out'
    assert not result.ok
    assert {one.config: one.kind for one in result.failed} == {
        str(configs / 'broken' / 'dies.py'): 'Killed',
        str(configs / 'broken' / 'unknown.py'): 'ExportError',
    }
    unknown = next(one for one in result.failed if 'unknown' in one.config)
    assert 'NoSuchBackbone' in unknown.reason
    assert 'Traceback' in unknown.trace
    good = [one for one in result.records if one.ok]
    assert [one.out for one in good] == GOOD
    for one in good:
        assert one.result is not None
        levels = [level['name'] for level in one.result['verification']['levels']]
        assert levels == ['static', 'config', 'import', 'build']
        assert one.memory > 0
        assert (out / one.out / 'pack' / '__init__.py').is_file()
    assert sorted(count for _, count, _ in records) == [1, 2, 3, 4, 5]
    assert {total for _, _, total in records} == {5}
    summary = json.loads((out / 'batch.json').read_text())
    assert (summary['configs'], summary['exported'], len(summary['failed'])) == (5, 3, 2)
    assert sorted(one.name for one in out.iterdir()) == ['batch.json', 'batch.jsonl', 'configs']


def test_the_packages_are_those_of_exports_one_by_one(configs: Path) -> None:
    batch(['configs/a+b'], 'out', verify=None)
    for name in ('net', 'other'):
        command = [sys.executable, '-W', 'ignore', '-c', SEPARATE, str(configs / 'a+b' / f'{name}.py'), name]
        subprocess.run(command, check=True, cwd=configs.parent)
        alone = content(configs.parent / name)
        assert len(alone) > 10
        assert content(configs.parent / 'out' / 'configs' / 'a+b' / name) == alone


def test_configs_of_earlier_runs_are_not_exported_again(configs: Path) -> None:
    first = batch(['configs/c', 'configs/broken/unknown.py'], 'out', jobs=1, verify=None)
    manifest = configs.parent / 'out' / 'configs' / 'c' / 'net' / 'manifest.json'
    before = manifest.stat().st_mtime_ns
    records: list[Record] = []
    more = ['configs/c', 'configs/broken/unknown.py', 'configs/a+b/net.py']
    second = batch(more, 'out', jobs=1, verify=None, listener=lambda record, *_: records.append(record))
    assert [one.out for one in records] == ['configs/a+b/net']
    assert second.resumed == 2
    assert [one for one in second.records if one in first.records] == list(first.records)
    assert manifest.stat().st_mtime_ns == before
    again = batch(more[:2], 'out', verify=None, retry=True, listener=lambda record, *_: records.append(record))
    assert [one.out for one in records[1:]] == ['configs/broken/unknown']
    assert not again.ok
    with pytest.raises(ExportError, match='other options'):
        batch(more, 'out', verify=None, model_only=True)
    forced = batch(['configs/c'], 'out', verify=None, model_only=True, force=True)
    assert (forced.ok, forced.resumed) == (True, 0)
    assert manifest.stat().st_mtime_ns > before


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, '-m', 'introspect_export', 'batch', *arguments]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, 'TMPDIR': os.getcwd()},
        # A process in the background of a shell ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@contextlib.contextmanager
def in_the_middle(configs: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has done one config at least, and does not get past the last of three."""
    out, hold = configs.parent / 'out', configs.parent / 'hold'
    hold.touch()
    wait = f"while __import__('os').path.exists({str(hold)!r}):\n    __import__('time').sleep(0.05)\n"
    last = configs / 'c' / 'net.py'
    last.write_text(wait + last.read_text())
    process = run('configs/a+b', 'configs/c', '-o', 'out', '--jobs', '1', '--no-verify')
    for _ in range(1200):
        if (out / 'batch.jsonl').exists() and journal(out):
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    else:
        raise AssertionError('nothing was done')
    yield process
    hold.unlink()


def test_a_killed_run_is_resumed(configs: Path) -> None:
    out = configs.parent / 'out'
    with in_the_middle(configs) as process:
        process.kill()
        process.communicate(timeout=60)
    done = [one['out'] for one in journal(out)]
    assert 1 <= len(done) < 3
    with (out / 'batch.jsonl').open('a') as file:
        file.write('{"config": "half a li')
    (out / 'configs' / 'c' / '.introspect_export_left0ver').mkdir(parents=True)
    again = run('configs/a+b', 'configs/c', '-o', 'out', '--jobs', '1', '--no-verify', '--json')
    printed, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    summary = json.loads(printed)
    assert (summary['configs'], summary['exported'], summary['resumed']) == (3, 3, len(done))
    assert sorted(one['out'] for one in journal(out)) == GOOD
    assert not (out / 'configs' / 'c' / '.introspect_export_left0ver').exists()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_half_done(configs: Path, number: int) -> None:
    out = configs.parent / 'out'
    with in_the_middle(configs) as process:
        while not any(configs.parent.glob('.introspect_export_*/job_*')):
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert 'interrupted' in errors
    # torch makes a folder for what it compiles, which all its processes share.
    left = {entry.name for entry in configs.parent.iterdir()} - {'torchinductor_root'}
    assert left == {'configs', 'out'}
    assert not list(out.rglob('.*'))
    packages = [file.parent.relative_to(out).as_posix() for file in out.rglob('manifest.json')]
    assert set(packages) >= {one['out'] for one in journal(out)}


def test_a_record_that_cannot_be_written_completely_is_removed(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(tmp_path, {}, False) as done:
        done.add(Record('one', 'out', True))
        size = (tmp_path / 'batch.jsonl').stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
        try:
            with pytest.raises(OSError, match=NAME):
                done.add(Record('two', 'out', True))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (tmp_path / 'batch.jsonl').stat().st_size == size
        done.add(Record('three', 'out', True))
    with opened(tmp_path, {}, False) as done:
        assert list(done.records) == ['one', 'three']


def test_two_runs_do_not_work_in_one_folder(tmp_path: Path) -> None:
    with opened(tmp_path, {}, fresh=False), pytest.raises(ExportError, match='another batch is at work'):
        Journal(tmp_path / 'batch.jsonl', {}, fresh=False)


@pytest.mark.parametrize('kind', ['threads', 'processes'])
def test_any_executor_drives_it(configs: Path, kind: str) -> None:
    with _executor(kind) as executor:
        result = batch(['configs/a+b', 'configs/broken'], 'out', executor=executor, verify='static')
    assert [one.ok for one in result.records] == [True, True, False, False]


def test_a_dask_cluster_takes_the_same_work(configs: Path) -> None:
    distributed: Any = importlib.import_module('distributed')
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(configs.parent)
    ) as cluster:
        address = ['--dask', cluster.scheduler_address]
        process = run('configs/a+b', 'configs/broken', '-o', 'out', '--no-verify', '--json', *address)
        printed, errors = process.communicate(timeout=200)
    assert process.returncode == 1, errors
    summary = json.loads(printed)
    assert (summary['configs'], summary['exported']) == (4, 2)
    assert {one['kind'] for one in summary['failed']} == {'Killed', 'ExportError'}
    assert sorted(one['out'] for one in journal(configs.parent / 'out') if one['ok']) == GOOD[:2]


def _executor(kind: str) -> concurrent.futures.Executor:
    if kind == 'threads':
        return concurrent.futures.ThreadPoolExecutor(2)
    return concurrent.futures.ProcessPoolExecutor(2)


def test_the_command_reports_each_config(configs: Path) -> None:
    process = run('configs/c', 'configs/broken', '-o', 'out')
    printed, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    lines = sorted(line.split(']')[1].split()[0] for line in errors.splitlines() if line.startswith('['))
    assert lines == ['FAILED', 'FAILED', 'ok']
    assert 'configs   3' in printed
    assert 'killed by signal SIGKILL' in printed


def test_missing_configs_are_reported_before_any_job_is_started(configs: Path) -> None:
    with pytest.raises(ExportError, match='no config matches'):
        batch(['configs/nowhere/*'], 'out')
    assert not (configs.parent / 'out').exists()
