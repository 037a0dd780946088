"""The process of one role in a comparison, the *original* or the *pack*, which runs steps on request.

Where the system can fork, each step runs in a child process, so that it starts from the state after the imports.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import re
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ...sandbox.blocking import isolate
from ...sandbox.faults import kind, sentence
from .determinism import make_deterministic
from .role_objects import Side, side
from .steps import STEPS

_POLL = 0.01


def prepare(task: Mapping[str, Any]) -> Side:
    """Set up this process for a role.

    Args:
        task: ``role``, ``out``, ``blocked``, ``path``, ``config``, ``options``, ``scope``, ``folder``, ``tiny``.
    """
    isolate(task, with_package=task['role'] == 'pack')
    warnings.filterwarnings('ignore')
    if task['role'] == 'pack':
        importlib.import_module('pack')
    make_deterministic()
    prepared = side(task)
    # mmengine calls ``gc.collect`` whenever it reads a data set: exclude what is imported, in every step's process.
    gc.freeze()
    return prepared


def serve(one: Side, requests: IO[str], answers: IO[str]) -> None:
    """Answer requests, one per line, until the end of the input.

    Args:
        one: The role.
        requests: The requests, as JSON.
        answers: Receives the answers, as JSON.
    """
    for line in requests:
        request = json.loads(line)
        answer = _apart(one, request) if hasattr(os, 'fork') else _here(one, request)
        answers.write(json.dumps(answer) + '\n')
        answers.flush()


def _here(one: Side, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {'ok': True, **STEPS[request['step']](one, **request['arguments'])}
    except (Exception, SystemExit) as error:  # Foreign code may raise anything.
        traceback.print_exc()
        return {'ok': False, 'kind': kind(error), 'reason': sentence(error)}


def _apart(one: Side, request: Mapping[str, Any]) -> dict[str, Any]:
    answer = one.folder / f'{one.role}.answer.json'
    crash = one.folder / f'{one.role}.crash.txt'
    for file in (answer, crash):
        file.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        try:
            faulthandler.enable(crash.open('w'), all_threads=False)
            answer.write_text(json.dumps(_here(one, request)), encoding='utf-8')
        finally:
            os._exit(0)  # Without the exit handlers of the parent process.
    status = _waited(child, time.monotonic() + request['timeout'])
    if answer.is_file():
        result: dict[str, Any] = json.loads(answer.read_text(encoding='utf-8'))
        return result
    if status is None:
        return {'ok': False, 'kind': 'TimeOut', 'reason': f'took longer than {request["timeout"]:.0f} s'}
    return {'ok': False, 'kind': _ended_by(status), 'reason': f'its process {_fate(status)}{_place(crash)}'}


def _waited(child: int, end: float) -> int | None:
    """Wait for a child; returns its exit status, or None if it exceeded the time limit and was killed."""
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(_POLL)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _place(crash: Path) -> str:
    """The function and line in which a process crashed, as reported by ``faulthandler``; empty without a report."""
    text = crash.read_text(encoding='utf-8', errors='replace') if crash.is_file() else ''
    found = re.search(r'File "(.*)", line (\d+) in (\S+)', text)
    return f' in {found[3]} ({found[1]}:{found[2]})' if found else ''


def _ended_by(status: int) -> str:
    """The kind of a killed process: ``SIGKILL`` usually comes from the kernel for lack of memory."""
    return 'SIGKILL' if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else 'Killed'


def _fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f'was ended by {signal.Signals(os.WTERMSIG(status)).name}'
    return f'ended with status {os.WEXITSTATUS(status)}'


def answer_all(task: Mapping[str, Any], requests: IO[str], answers: IO[str]) -> None:
    """Set up the role, report whether that worked as the first answer, and answer requests.

    Args:
        task: The task; see ``prepare``.
        requests: The requests, as JSON.
        answers: Receives the answers, as JSON.
    """
    try:
        one = prepare(task)
        ready: dict[str, Any] = {'ok': True}
    except (Exception, SystemExit) as error:  # Foreign code may raise anything.
        traceback.print_exc()
        ready = {'ok': False, 'kind': kind(error), 'reason': sentence(error)}
    answers.write(json.dumps(ready) + '\n')
    answers.flush()
    if ready['ok']:
        serve(one, requests, answers)


def main(job: str) -> None:
    """Run a role until the end of the standard input; the standard output has only the answers.

    Args:
        job: The file with the task.
    """
    # Foreign code may print: its standard output is redirected to the standard error.
    answers = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    os.dup2(2, 1)
    answer_all(json.loads(Path(job).read_text(encoding='utf-8')), sys.stdin, answers)
