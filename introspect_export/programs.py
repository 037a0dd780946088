"""Programs that this one starts and waits for, and ends with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a program that ``end`` can end; Ctrl-C is this process's alone to handle.

    Args:
        command: The program and its arguments.
        options: What else ``subprocess.Popen`` takes.
    """
    return subprocess.Popen(command, start_new_session=True, **options)


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
