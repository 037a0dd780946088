"""Do jobs in forks of an interpreter that has imported the libraries already.

Only what ``import library`` gives is imported ahead. A pack that needs a submodule it does not import is found out, as
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
    """Do a job in this process, which is a fork made for it.

    Returns:
        The libraries that the pack has imported, and what was blocked; None where something that is to be blocked has
        been imported already, so that this interpreter cannot do the job.
    """
    task = json.loads(Path(job).read_text(encoding='utf-8'))
    if _tops() & set(task['blocked']):
        return None
    before = _tops()
    os.chdir(work)
    sys.path.remove(FOLDER)
    main(job, answer)
    new = [name for name in _ordered_tops() if name not in before and _is_library(name, Path(task['out']))]
    return {'libraries': new, 'blocked': task['blocked']}


def import_ahead(libraries: Sequence[str], blocked: Sequence[str]) -> None:
    """Import libraries where some packages are blocked, for the jobs to come; one that cannot be is left to them."""
    with blocking(blocked, own=FOLDER):
        for name in libraries:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _tops() -> set[str]:
    return {name.partition('.')[0] for name in sys.modules.copy()}


def _ordered_tops() -> list[str]:
    return list(dict.fromkeys(name.partition('.')[0] for name in sys.modules.copy()))


def _is_library(name: str, out: Path) -> bool:
    """Whether a top-level module is no part of the pack, and no other job's name for something else."""
    file = getattr(sys.modules.get(name), '__file__', None)
    return isinstance(file, str) and out not in Path(file).parents
