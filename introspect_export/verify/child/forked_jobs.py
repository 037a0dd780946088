"""Verifying jobs in forks of an interpreter that has already imported the libraries.

Only the libraries' top-level packages are imported ahead, so that a missing import of a submodule is still detected, as
in a fresh interpreter.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ...sandbox.blocking import blocking
from ...sandbox.on_path import FOLDER
from .job import main


def do(job: str, answer: str, work: str) -> dict[str, list[str]] | None:
    """Run a job in this process, which is a fork that was created for it.

    Args:
        job: The file with the job.
        answer: The file for the answer.
        work: The working folder.

    Returns:
        The libraries that the package has imported, and the blocked packages; None if a package to block is already
        imported, so that this interpreter cannot run the job.
    """
    task = json.loads(Path(job).read_text(encoding='utf-8'))
    if _tops() & set(task['blocked']):
        return None
    before = _tops()
    os.chdir(work)
    sys.path.remove(FOLDER)  # As ``on_path.start`` does in a fresh interpreter.
    main(job, answer)
    new = [name for name in _ordered_tops() if name not in before and _is_library(name, Path(task['out']))]
    return {'libraries': new, 'blocked': task['blocked']}


def import_ahead(libraries: Sequence[str], blocked: Sequence[str]) -> None:
    """Import libraries for later jobs while some packages are blocked; failures are ignored.

    Args:
        libraries: The libraries.
        blocked: The packages to block.
    """
    with blocking(blocked, own=FOLDER):
        for name in libraries:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _tops() -> set[str]:
    return {name.partition('.')[0] for name in sys.modules.copy()}


def _ordered_tops() -> list[str]:
    return list(dict.fromkeys(name.partition('.')[0] for name in sys.modules.copy()))


def _is_library(name: str, out: Path) -> bool:
    """Whether a top-level module has a file outside of the package's folder."""
    file = getattr(sys.modules.get(name), '__file__', None)
    return isinstance(file, str) and out not in Path(file).parents
