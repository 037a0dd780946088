"""A server that forks a child for every job: answers, deaths, time limits, what is shared, how it ends."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import gone

from introspect_export import InternalError
from introspect_export.batch.forkserver_client import ForkServer
from introspect_export.temporary import temporary_folder

JOBS = """
import os, signal, subprocess, sys, tempfile, time
state = []

def remember(value):
    state.append(value)

def recall():
    return state

def fail():
    raise KeyError('missing')

def odd():
    return {1, 2}

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def leave():
    os._exit(3)

def where():
    return os.getcwd()

def leave_files(file):
    code = 'import tempfile; print(tempfile.mkdtemp())'
    theirs = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout.strip()
    with open(file, 'w') as stream:
        stream.write(f'{tempfile.mkdtemp()} {theirs}')
    die()

def sleep(seconds, file):
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
    with open(file, 'w') as stream:
        stream.write(f'{os.getpid()} {child.pid}')
    time.sleep(seconds)

def chatter():
    print('spoken')
    os.write(2, b'shouted')
    return 'x' * 1_000_000
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ForkServer]:
    """A server that knows the jobs above and nothing else."""
    (tmp_path / 'jobs.py').write_text(JOBS)
    one = ForkServer([str(tmp_path), None], ['-I'])
    yield one
    one.close()


def started(file: Path) -> list[int]:
    """The processes that a sleeping job has written down."""
    for _ in range(200):
        if file.exists() and len(file.read_text().split()) == 2:
            return [int(one) for one in file.read_text().split()]
        time.sleep(0.05)
    raise AssertionError('the job has not begun')


@pytest.mark.parametrize(
    ('job', 'expected'),
    [
        ('recall', {'ok': True, 'value': []}),
        ('fail', {'ok': False, 'kind': 'KeyError', 'reason': "'missing'"}),
        ('odd', {'ok': False, 'kind': 'TypeError'}),
        (
            'die',
            {
                'ok': False,
                'kind': 'Killed',
                'reason': 'killed by signal SIGKILL (was there too little memory?)',
                'signal': 'SIGKILL',
            },
        ),
        ('leave', {'ok': False, 'kind': 'Killed', 'reason': 'ended with status 3 and no answer'}),
        ('nothing', {'ok': False, 'kind': 'AttributeError'}),
    ],
)
def test_every_end_of_a_child_gives_an_answer(server: ForkServer, job: str, expected: dict[str, Any]) -> None:
    answer = server.call(f'jobs:{job}')
    assert {key: answer[key] for key in expected} == expected
    assert server.call('jobs:recall')['ok']


def test_children_inherit_the_state_of_the_server_and_do_not_change_it(server: ForkServer) -> None:
    server.call('jobs:remember', value=1)
    server.prepare('jobs:remember', value=2)
    assert server.call('jobs:recall')['value'] == [2]


def test_jobs_run_in_the_working_folder_of_the_client(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('one', 'two'):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        assert [run('jobs:where')['value'] for run in (server.prepare, server.call)] == [str(folder)] * 2
        folder.rmdir()


def test_the_output_of_a_child_is_not_printed(server: ForkServer, capfd: pytest.CaptureFixture[str]) -> None:
    assert len(server.call('jobs:chatter')['value']) == 1_000_000
    assert capfd.readouterr() == ('', '')


def test_a_job_is_ended_with_all_that_it_started_when_its_time_is_over(server: ForkServer, tmp_path: Path) -> None:
    answer = server.call('jobs:sleep', 2.0, seconds=600, file=str(tmp_path / 'pids'))
    assert answer['reason'] == 'took longer than 2 s'
    assert all(gone(pid) for pid in started(tmp_path / 'pids'))


def test_temporary_files_of_a_job_that_is_killed_are_removed(server: ForkServer, tmp_path: Path) -> None:
    assert server.call('jobs:leave_files', file=str(tmp_path / 'folders'))['signal'] == 'SIGKILL'
    mine, theirs = (tmp_path / 'folders').read_text().split()
    assert Path(mine).parent == Path(theirs).parent
    assert not Path(mine).parent.exists()


def test_a_long_path_for_temporary_files_is_none_of_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ('x' * 100)
    folder.mkdir()
    monkeypatch.setenv('TMPDIR', str(folder))
    monkeypatch.setattr('tempfile.tempdir', None)
    (tmp_path / 'jobs.py').write_text(JOBS)
    server = ForkServer([str(tmp_path), None])
    assert server.call('jobs:leave_files', file=str(tmp_path / 'folders'))['signal'] == 'SIGKILL'
    assert (tmp_path / 'folders').read_text().startswith(str(folder))
    server.close()
    assert not list(folder.iterdir())
    assert not Path(server.address).parent.exists()


def test_jobs_run_at_the_same_time_and_end_with_the_server(server: ForkServer, tmp_path: Path) -> None:
    answers: list[dict[str, Any]] = []
    files = [tmp_path / 'one', tmp_path / 'two']

    def sleep(file: Path) -> None:
        answers.append(server.call('jobs:sleep', seconds=600, file=str(file)))

    threads = [threading.Thread(target=sleep, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    children = [pid for file in files for pid in started(file)]
    server.close()
    for thread in threads:
        thread.join(10)
    assert [one['kind'] for one in answers] == ['Killed', 'Killed']
    assert all(gone(pid) for pid in [*children, server.pid])
    assert not server.alive


@pytest.mark.parametrize('method', ['call', 'prepare'])
def test_children_end_with_a_client_that_is_killed(tmp_path: Path, method: str) -> None:
    (tmp_path / 'jobs.py').write_text(JOBS)
    client = os.fork()
    if client == 0:
        server = ForkServer([str(tmp_path), None], ['-I'])
        (tmp_path / 'server').write_text(f'{server.pid} {Path(server.address).parent}')
        getattr(server, method)('jobs:sleep', seconds=600, file=str(tmp_path / 'pids'))
        os._exit(0)
    children = started(tmp_path / 'pids')
    os.kill(client, 9)
    os.waitpid(client, 0)
    server, folder = (tmp_path / 'server').read_text().split()
    assert all(gone(pid) for pid in [*children, int(server)])
    assert not Path(folder).exists()


def test_children_end_with_a_server_that_is_killed(server: ForkServer, tmp_path: Path) -> None:
    answers: list[dict[str, Any]] = []
    arguments = {'seconds': 600, 'file': str(tmp_path / 'pids')}
    thread = threading.Thread(target=lambda: answers.append(server.call('jobs:sleep', **arguments)))
    thread.start()
    children = started(tmp_path / 'pids')
    server.call('jobs:recall')  # One that has ended before is left alone.
    os.kill(server.pid, 9)
    thread.join(10)
    assert [one['reason'] for one in answers] == ['ended before it was done']
    assert gone(children[0])
    assert gone(children[1])
    server.close()
    assert not Path(server.address).parent.exists()


def test_a_fork_of_the_client_does_not_end_its_server(tmp_path: Path) -> None:
    (tmp_path / 'jobs.py').write_text(JOBS)
    held = [ForkServer([str(tmp_path), None])]
    child = os.fork()
    if child == 0:
        seen = held[0].alive
        held[0].close()
        held.clear()  # What it has left behind is not removed either.
        os._exit(int(seen))
    assert os.waitpid(child, 0)[1] == 0
    (server,) = held
    assert server.alive
    assert server.call('jobs:recall')['ok']
    server.close()


def test_files_of_a_server_and_client_killed_together_are_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'jobs.py').write_text(JOBS)
    folder = tmp_path / 'temporary'
    folder.mkdir()
    monkeypatch.setattr('tempfile.tempdir', str(folder))
    client = os.fork()
    if client == 0:
        server = ForkServer([str(tmp_path), None], ['-I'])
        os.kill(server.pid, signal.SIGSTOP)
        (tmp_path / 'server').write_text(str(server.pid))
        time.sleep(600)
    while not ((tmp_path / 'server').exists() and (tmp_path / 'server').read_text()):
        time.sleep(0.02)
    for pid in (client, int((tmp_path / 'server').read_text())):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(client, 0)
    assert len(list(folder.iterdir())) == 1
    with temporary_folder() as mine:
        assert list(folder.iterdir()) == [mine]


def test_the_reason_why_a_server_cannot_start_is_reported() -> None:
    with pytest.raises(InternalError, match='could not be started'):
        ForkServer([None], ['-c', 'raise SystemExit("no")'])
