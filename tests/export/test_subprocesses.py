"""Programs that are started, waited for, and ended."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import gone, told_of

from introspect_export.subprocesses import end, run, start

PARENT = """
import os, sys, time
if os.fork() == 0:
    with open(sys.argv[1], 'w') as file:
        file.write(str(os.getpid()))
    time.sleep(1000)
os.wait()
"""


def test_what_it_printed_and_how_it_ended(tmp_path: Path) -> None:
    code = "import os, sys, tempfile; print(os.getcwd(), tempfile.gettempdir()); sys.exit('no')"
    assert run([sys.executable, '-c', code], tmp_path) == (1, f'{tmp_path} {tmp_path}\nno\n')


def test_it_is_ended_with_what_it_has_forked(tmp_path: Path) -> None:
    file = tmp_path / 'pid'
    process = start([sys.executable, '-c', PARENT, str(file)])
    while not (file.exists() and file.read_text()):
        time.sleep(0.02)
    end(process)
    assert process.returncode == -9
    assert gone(int(file.read_text()), 2.0)


def test_one_that_has_ended_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    process = start([sys.executable, '-c', ''], stdout=subprocess.PIPE)
    process.wait()
    monkeypatch.setattr('os.killpg', lambda *_: pytest.fail('it may be somebody else by now'))
    end(process)
    assert process.returncode == 0


STARTER = """
import sys
from pathlib import Path
from introspect_export.subprocesses import run
run([sys.executable, '-c', sys.argv[1], sys.argv[2]], Path(sys.argv[2]).parent)
"""


def test_it_does_not_outlive_who_is_killed(tmp_path: Path) -> None:
    file = tmp_path / 'pid'
    with subprocess.Popen([sys.executable, '-c', STARTER, PARENT, str(file)]) as starter:
        while not (file.exists() and file.read_text()):
            time.sleep(0.02)
        starter.kill()
    assert gone(int(file.read_text()), 5.0)


KILLED_EARLY = """
import os, signal, sys
from introspect_export import subprocesses
subprocesses._GUARD = ''
subprocesses.Program._begin = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
subprocesses.start([sys.executable, '-c', 'import time; time.sleep(600)', *sys.argv[1:]])
"""


def test_it_never_begins_where_who_starts_it_is_killed_before_it_is_guarded(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, '-c', KILLED_EARLY, str(tmp_path)], check=False)
    assert done.returncode == -9
    for _ in range(100):
        if not told_of(tmp_path):
            break
        time.sleep(0.05)
    assert told_of(tmp_path) == []


def test_it_reads_what_it_is_given_and_nothing_else(tmp_path: Path) -> None:
    code = 'import sys; print(repr(sys.stdin.read()))'
    given = start([sys.executable, '-c', code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert given.communicate('one\ntwo') == ("'one\\ntwo'\n", None)
    assert run([sys.executable, '-c', code], tmp_path) == (0, "''\n")
