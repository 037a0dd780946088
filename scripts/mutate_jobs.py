"""What ``mutate_package.py`` has a child of a sweep's server do: check a package alone, and see which lines run."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

_ON_PATH = str(Path(__file__).resolve().parent.parent / 'introspect_export' / 'sandbox' / 'on_path')


class Lines:
    """Writes down each line of a folder's files the first time that this process runs it.

    Args:
        folder: The folder.
        file: A line ``number<tab>path`` is added to it for each; several processes may add to one file.
    """

    def __init__(self, folder: str, file: str) -> None:
        self._prefix = os.path.join(folder, '')
        self._seen: set[tuple[str, int]] = set()
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def call(self, frame: FrameType, event: str, arg: Any) -> Any:
        """What ``sys.settrace`` takes: the folder's functions are followed line by line, and no others."""
        return self._line if frame.f_code.co_filename.startswith(self._prefix) else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        place = frame.f_code.co_filename, frame.f_lineno
        if event == 'line' and place not in self._seen:
            self._seen.add(place)
            os.write(self._file, f'{place[1]}\t{place[0]}\n'.encode())
        return self._line


def alone(out: str, job: str, answer: str, work: str, trace: str = '') -> None:
    """Do the job of the levels that need no original, as a fresh interpreter does it.

    Args:
        out: The folder of the package.
        job: The file with the job.
        answer: Where the answer goes.
        work: The folder to work in.
        trace: Where to write down the lines of the package that run; nowhere if empty.
    """
    os.chdir(work)
    sys.path.insert(0, _ON_PATH)
    main = importlib.import_module('introspect_export_isolated.verify.child.job').main
    sys.path.remove(_ON_PATH)
    if trace:
        follow(out, trace)
    main(job, answer)


def follow(out: str, trace: str) -> None:
    """Write down from now on which lines of a package this thread runs, in the processes that it forks, too."""
    sys.settrace(Lines(out, trace).call)


def executed(out: Path, trace: Path) -> dict[str, set[int]]:
    """The lines that ran, by the file's path relative to the package's folder."""
    found: dict[str, set[int]] = {}
    for line in trace.read_text(encoding='utf-8').splitlines():
        number, _, path = line.partition('\t')
        found.setdefault(str(Path(path).relative_to(out)), set()).add(int(number))
    return found
