"""The two that are compared, each in an interpreter of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from introspect_export.sandbox import on_path
from introspect_export.subprocesses import end, kill, start, temporary_files

_TAIL = 12
_GRACE = 30.0
_ROOM = 6 * 2**30


class Role(Protocol):
    """Does steps and answers."""

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        """Do a step: ``{'ok': True, …}``, or ``{'ok': False, 'kind': …, 'reason': …}``."""


class RoleProcess:
    """A role in an interpreter of its own.

    Args:
        task: What ``child.role.prepare`` takes.
        timeout: How many seconds one step may take.
    """

    def __init__(self, task: Mapping[str, Any], timeout: float) -> None:
        self._timeout = timeout
        folder = Path(task['folder'])
        job, self._log = folder / f'{task["role"]}.job.json', folder / f'{task["role"]}.log'
        job.write_text(json.dumps(dict(task)), encoding='utf-8')
        work = folder / f'{task["role"]}.work'
        work.mkdir()
        _lend(task.get('files', ()), work)
        with self._log.open('wb') as log:
            self._process = start(
                [sys.executable, '-s', '-B', '-W', 'ignore', *on_path.start('verify.child.role'), str(job)],
                cwd=work,
                env=_environment(work),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._ready: Mapping[str, Any] | None = None

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        """Do a step."""
        if self._ready is None:
            self._ready = self._answer()
        if not self._ready['ok']:
            return self._ready
        assert self._process.stdin is not None
        request = {'step': step, 'timeout': self._timeout, 'arguments': arguments}
        try:
            self._process.stdin.write(json.dumps(request) + '\n')
            self._process.stdin.flush()
        except OSError:
            return self._died()
        return self._answer()

    def _answer(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        # The process minds the time by itself; this is for one that cannot any more.
        timer = threading.Timer(self._timeout + _GRACE, kill, [self._process])
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            return self._died()
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def _died(self) -> Mapping[str, Any]:
        status = self._process.wait()
        tail = ' '.join(self._log.read_text(encoding='utf-8', errors='replace').splitlines()[-_TAIL:])
        # Somebody else ended it, most often since the memory was not enough.
        kind = 'SIGKILL' if status == -signal.SIGKILL else 'Died'
        self._ready = {'ok': False, 'kind': kind, 'reason': f'its interpreter ended with status {status}: {tail}'}
        return self._ready

    def close(self) -> None:
        """End the interpreter, and the step that it is at."""
        end(self._process)


def _lend(files: Iterable[str], work: Path) -> None:
    """Have files of the working folder, with all beside them, found from another one."""
    for top in {Path(file).parts[0] for file in files if file and not os.path.isabs(file)} - {os.pardir, os.curdir}:
        if os.path.exists(top):
            (work / top).symlink_to(os.path.abspath(top))


def _environment(work: Path) -> dict[str, str]:
    """For both roles: no GPU, one thread, sets of texts in one order, nothing that changes imports.

    A step may be ended at any time, and leave its temporary files where they are.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith('PYTHON')}
    fixed = {'PYTHONHASHSEED': '0', 'CUDA_VISIBLE_DEVICES': '', 'OMP_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1'}
    return {**kept, **fixed, **temporary_files(work)}


def room_for_two() -> bool:
    """Whether there is memory for both roles at the same time."""
    try:
        lines = Path('/proc/meminfo').read_text(encoding='ascii').splitlines()
    except OSError:
        return False
    available = next((line.split()[1] for line in lines if line.startswith('MemAvailable:')), '0')
    return int(available) * 1024 > _ROOM and (os.cpu_count() or 1) > 1


def library_path(with_here: bool = False) -> list[str]:
    """Where this process finds libraries; the working folder is left out unless it is asked for."""
    here = os.getcwd()
    paths = [os.path.abspath(entry) for entry in sys.path]
    return [entry for entry in paths if with_here or entry != here]
