"""Subprocesses that are killed together with all of their descendants in their session."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SHELL = '/bin/sh'
# The program is executed once its guard runs: if this process is killed before, no line arrives, and it never starts.
_LAUNCH = 'read -r _ && exec "$@"'
# The guard receives a line when the program has ended; end of file means that the parent of both was killed.
_GUARD = 'read -r _ || kill -s KILL -- "-$1"'


class Program(subprocess.Popen[Any]):
    """A subprocess that leads a new session and does not outlive this process.

    Args:
        command: The program and its arguments.
        guarded: Whether a guard kills the program's process group when this process is killed; not needed for a
            program that handles this itself. The standard input of a guarded program is empty unless
            ``options['stdin']`` is ``subprocess.PIPE``.
        options: Further arguments of ``subprocess.Popen``.
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
        """Start the program in the waiting shell; its standard input is closed unless the caller writes to it."""
        assert self.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # The shell has been killed.
            os.write(self.stdin.fileno(), b'\n')
        if not read:
            self.stdin.close()
            self.stdin = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the program to end, and release the guard."""
        status = super().wait(timeout)
        self._release()
        return status

    def poll(self) -> int | None:
        """The exit status, or None while the program runs; releases the guard after its end."""
        status: int | None = super().poll()
        if status is not None:
            self._release()
        return status

    def _release(self) -> None:
        """End the guard: the process id may be reused from now on, and that process must not be killed."""
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.communicate(b'\n')


def start(command: Sequence[str], guarded: bool = True, **options: Any) -> Program:
    """Start a program that ``end`` can end; in a session of its own, it does not receive this process's Ctrl-C.

    Args:
        command: The program and its arguments.
        guarded: Whether it is killed when this process is; see ``Program``.
        options: Further arguments of ``subprocess.Popen``.
    """
    return Program(command, guarded, **options)


def temporary_files(folder: Path) -> dict[str, str]:
    """The environment variables that make a program write its temporary files to a folder, to be removed with it."""
    return {'TMPDIR': str(folder)}


def kill(process: subprocess.Popen[Any]) -> None:
    """Kill a program and the processes it has started."""
    if process.poll() is not None:
        return  # Its process id may have been reused.
    if hasattr(os, 'killpg'):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def end(process: subprocess.Popen[Any]) -> None:
    """Kill a program and the processes it has started, and wait for it."""
    kill(process)
    process.communicate()


def run(command: Sequence[str], folder: Path) -> tuple[int, str]:
    """Run a program in a folder until it ends; an exception in this process, such as an interrupt, kills it.

    Args:
        command: The program and its arguments.
        folder: Its working folder, also for its temporary files.

    Returns:
        The exit status, and the text of its standard output and error together.
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
