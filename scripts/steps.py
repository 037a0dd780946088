"""Numbered steps with one line each, and commands whose output goes to a log file."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HEARTBEAT = 60.0
TAIL = 80


class SetupError(Exception):
    """Something the reader can act on: the message says what went wrong and where to look."""


def say(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


class Progress:
    """Counts the steps of one run and says how long each of them took."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, run the block, print its time."""
        self._done += 1
        say(f'[{self._done}/{self._total}] {title}')
        start = time.monotonic()
        yield
        say(f'      {time.monotonic() - start:.0f} s')


def run_logged(
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a command with its output in `log`; a sign of life every minute.

    Raises:
        SetupError: the command failed; the message holds the end of its output.
    """
    start = time.monotonic()
    with log.open('a+', encoding='utf-8', errors='replace') as out:
        out.write(f'$ {" ".join(command)}\n')
        out.flush()
        begin = out.tell()
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
        ) as process:
            code = _wait(process, start)
        out.seek(begin)
        tail = out.read().splitlines()[-TAIL:]
    if code:
        shown = '\n'.join(f'    {line}' for line in tail)
        raise SetupError(f'exit status {code} from: {" ".join(command[:6])} ...\n{shown}\n  log: {log}')


def _wait(process: subprocess.Popen[bytes], start: float) -> int:
    while True:
        try:
            return process.wait(timeout=HEARTBEAT)
        except subprocess.TimeoutExpired:
            say(f'      still running after {time.monotonic() - start:.0f} s')
