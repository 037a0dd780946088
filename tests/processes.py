"""What tests ask about processes that are not their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process ends, or is only waited for by nobody, within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == 'Z':
            return True
        time.sleep(0.02)
    return False


def told_of(folder: Path) -> list[str]:
    """The command lines of other processes that name a folder."""
    found = []
    for entry in Path('/proc').iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                said = (entry / 'cmdline').read_bytes()
                found += [said.decode()] if os.fsencode(folder) in said else []
    return found


def imported(code: str, names: Collection[str]) -> str:
    """Which of some modules a fresh interpreter has imported when it has run some code: a list, printed."""
    ending = f'import sys\nsys.exit(str(sorted({set(names)} & set(sys.modules))))'
    done = subprocess.run([sys.executable, '-c', f'{code}\n{ending}'], capture_output=True, text=True, check=False)
    return done.stderr.strip()
