"""Run one thing in a fresh process and say what it cost: wall time, processor time, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cost:
    """What a process cost, with all that it started and waited for.

    Attributes:
        wall: Seconds from its start to its end.
        cpu: Seconds of processor time, its own and the system's for it.
        memory: The largest resident set of one process, in MiB.
        said: What it said on its last line, if that was JSON.
        error: The end of what it complained of, where it failed; or empty.
    """

    wall: float
    cpu: float
    memory: float
    said: Any = field(default=None, repr=False)
    error: str = ''

    def to_json(self) -> dict[str, Any]:
        """The numbers, as they are kept."""
        numbers = {name: value for name, value in asdict(self).items() if name != 'said'}
        return {
            name: round(value, 3) if isinstance(value, float) else value for name, value in numbers.items() if value
        }


def environment() -> dict[str, str]:
    """The environment of what is measured: one thread, and byte code is kept as it is for everybody."""
    found = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': 'ignore'}
    found.pop('PYTHONDONTWRITEBYTECODE', None)
    return found


def run(command: Sequence[object], cwd: Path, python: str = sys.executable) -> Cost:
    """Run a Python command line in a fresh process.

    Args:
        command: The arguments of the interpreter.
        cwd: Where to.
        python: The interpreter.
    """
    out, err = cwd / 'stdout', cwd / 'stderr'
    with out.open('wb') as stdout, err.open('wb') as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            [python, *map(str, command)], stdout=stdout, stderr=stderr, cwd=cwd, env=environment()
        )
        # ``wait4`` tells of this process and those that it waited for, and of no others.
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    error = err.read_text(errors='replace')[-2000:] or f'exit status {process.returncode}' if status else ''
    cpu = used.ru_utime + used.ru_stime
    return Cost(wall, cpu, used.ru_maxrss / 1024, _said(out.read_text(errors='replace')), error)


def _said(text: str) -> Any:
    """What was printed, where it is JSON; libraries may have chattered before."""
    lines = text.strip().splitlines()
    for candidate in (text, lines[-1] if lines else ''):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    return None


def machine() -> str:
    """What this runs on, in a few words."""
    model = ''
    if Path('/proc/cpuinfo').exists():
        lines = Path('/proc/cpuinfo').read_text().splitlines()
        model = next((line.partition(':')[2].strip() for line in lines if line.startswith('model name')), '')
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    python = '.'.join(map(str, sys.version_info[:3]))
    return f'{model or sys.platform}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, Python {python}'
