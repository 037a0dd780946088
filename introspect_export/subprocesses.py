"""Programs that this one starts and waits for, and ends with all that they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SHELL = '/bin/sh'
# A program begins when it is guarded: who is killed before that sends no line, and it never does.
_LAUNCH = 'read -r _ && exec "$@"'
# It reads a line when the program has ended; the end of its input says that whoever started both was killed.
_GUARD = 'read -r _ || kill -s KILL -- "-$1"'


class Program(subprocess.Popen[Any]):
    """A program that leads a session of its own, and that does not outlive this process.

    Args:
        command: The program and its arguments.
        guarded: Whether it is killed, with what it has started, when this process is: not needed where it sees to
            that itself. It has nothing to read then, unless its standard input is a pipe.
        options: What else ``subprocess.Popen`` takes.
    """

    def __init__(self, command: Sequence[str], guarded: bool, **options: Any) -> None:
        self._guard: subprocess.Popen[bytes] | None = None
        if not guarded or not os.access(_SHELL, os.X_OK):
            super().__init__(command, start_new_session=True, **options)
            return
        launched = [_SHELL, '-c', _LAUNCH, 'launch', *command]
        super().__init__(launched, start_new_session=True, **{**options, 'stdin': subprocess.PIPE})
        guard = [_SHELL, '-c', _GUARD, 'guard', str(self.pid)]
        nothing = subprocess.DEVNULL
        self._guard = subprocess.Popen(
            guard, start_new_session=True, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing
        )
        self._begin(read=options.get('stdin') == subprocess.PIPE)

    def _begin(self, read: bool) -> None:
        """Let the program begin; what it is not to read is closed."""
        assert self.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # Somebody has killed it.
            os.write(self.stdin.fileno(), b'\n')
        if not read:
            self.stdin.close()
            self.stdin = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        status = super().wait(timeout)
        self._release()
        return status

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        status: int | None = super().poll()
        if status is not None:
            self._release()
        return status

    def _release(self) -> None:
        """Its number may be another's from now on: nobody is to kill that."""
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.communicate(b'\n')


def start(command: Sequence[str], guarded: bool = True, **options: Any) -> Program:
    """Start a program that ``end`` can end; Ctrl-C is this process's alone to handle.

    Args:
        command: The program and its arguments.
        guarded: Whether it is killed when this process is.
        options: What else ``subprocess.Popen`` takes.
    """
    return Program(command, guarded, **options)


def temporary_files(folder: Path) -> dict[str, str]:
    """The variables with which a program leaves its temporary files in a folder, to be removed with it."""
    return {'TMPDIR': str(folder)}


def kill(process: subprocess.Popen[Any]) -> None:
    """Kill a program and the processes it has started."""
    if process.poll() is not None:
        return  # Its number may be another's by now.
    if hasattr(os, 'killpg'):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def end(process: subprocess.Popen[Any]) -> None:
    """Kill a program and the processes it has started, and wait for it."""
    kill(process)
    process.communicate()


def run(command: Sequence[str], folder: Path) -> tuple[int, str]:
    """Run a program in a folder until it ends; interrupted, this ends it.

    Args:
        command: The program and its arguments.
        folder: Where it runs, and leaves its temporary files.

    Returns:
        Its exit status, and what it printed.
    """
    process = start(
        command,
        cwd=folder,
        env={**os.environ, **temporary_files(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        printed, _ = process.communicate()
    except BaseException:
        end(process)
        raise
    return process.returncode, printed.decode('utf-8', 'replace')
