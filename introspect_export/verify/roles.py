"""The processes of the two roles that are compared."""

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
    """A process, or a stand-in for one, that runs steps and returns answers."""

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        """Run a step; returns ``{'ok': True, …}``, or ``{'ok': False, 'kind': …, 'reason': …}``."""


class RoleProcess:
    """A role in its own interpreter.

    Args:
        task: The task, as described in ``child.role.prepare``.
        timeout: The time limit of one step in seconds.
    """

    def __init__(self, task: Mapping[str, Any], timeout: float) -> None:
        self._timeout = timeout
        folder = Path(task['folder'])
        job, self._log = folder / f'{task["role"]}.job.json', folder / f'{task["role"]}.log'
        job.write_text(json.dumps(dict(task)), encoding='utf-8')
        work = folder / f'{task["role"]}.work'
        work.mkdir()
        _link_files(task.get('files', ()), work)
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
        """Run a step; see ``Role``."""
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
        # The process enforces the time limit itself; the timer is for one that hangs.
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
        # Another process sent the signal, usually the kernel for lack of memory.
        kind = 'SIGKILL' if status == -signal.SIGKILL else 'Died'
        self._ready = {'ok': False, 'kind': kind, 'reason': f'its interpreter ended with status {status}: {tail}'}
        return self._ready

    def close(self) -> None:
        """Kill the interpreter, with the step that it runs."""
        end(self._process)


def _link_files(files: Iterable[str], work: Path) -> None:
    """Link the top-level entries of relative paths into another working folder, so that the paths are valid there."""
    for top in {Path(file).parts[0] for file in files if file and not os.path.isabs(file)} - {os.pardir, os.curdir}:
        if os.path.exists(top):
            (work / top).symlink_to(os.path.abspath(top))


def _environment(work: Path) -> dict[str, str]:
    """The environment of both roles: no GPU, one thread, a fixed order of sets of strings, no ``PYTHON…`` variables.

    Temporary files go below the working folder, since a step may be killed and leave them there.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith('PYTHON')}
    fixed = {'PYTHONHASHSEED': '0', 'CUDA_VISIBLE_DEVICES': '', 'OMP_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1'}
    return {**kept, **fixed, **temporary_files(work)}


def room_for_two() -> bool:
    """Whether memory and processors suffice to run both roles at the same time."""
    try:
        lines = Path('/proc/meminfo').read_text(encoding='ascii').splitlines()
    except OSError:
        return False
    available = next((line.split()[1] for line in lines if line.startswith('MemAvailable:')), '0')
    return int(available) * 1024 > _ROOM and (os.cpu_count() or 1) > 1


def library_path(with_here: bool = False) -> list[str]:
    """Return the absolute entries of ``sys.path``.

    Args:
        with_here: Whether to include the working folder.
    """
    here = os.getcwd()
    paths = [os.path.abspath(entry) for entry in sys.path]
    return [entry for entry in paths if with_here or entry != here]
