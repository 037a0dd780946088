"""Run jobs in interpreters where the origins of a package cannot be imported."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from introspect_export.model import ExportError, InternalError
from introspect_export.sandbox.on_path import FOLDER
from introspect_export.subprocesses import run
from introspect_export.temporary import temporary_folder

CHILD = Path(__file__).parent / 'child.py'
"""The script of such an interpreter; its arguments are the files of the job and of the answer."""

_SELF = 'introspect_export'
_TAIL = 30


class IsolatedJobs:
    """Runs jobs on a package, each in an interpreter of its own.

    Args:
        out: The package's folder.
        python: The interpreter and its environment; by default this one.
    """

    def __init__(self, out: Path, python: Path | None = None) -> None:
        here = [entry for entry in sys.path if entry and os.path.abspath(entry) != os.getcwd()]
        self._python = str(python or sys.executable)
        self._fixed = {
            'out': str(out),
            'blocked': [*_manifest(out).get('origins', ()), _SELF],
            'path': here if python is None else [],
            'tiny_data': str(CHILD.parent.parent / 'tiny_data' / '__init__.py'),
            'program': FOLDER,
        }

    def task(self, job: str, **task: Any) -> dict[str, Any]:
        """The content of the job file."""
        return {**self._fixed, **task, 'job': job}

    def run(self, job: str, **task: Any) -> dict[str, Any]:
        """Run a job; its answer, or a dictionary with the ``error``.

        Raises:
            InternalError: The interpreter ended without an answer.
        """
        with temporary_folder() as folder:
            task_file, answer = Path(folder, 'job.json'), Path(folder, 'answer.json')
            task_file.write_text(json.dumps(self.task(job, **task)), encoding='utf-8')
            # -I: neither the environment nor the working folder nor the user's site adds to sys.path.
            command = [self._python, '-I', '-B', '-W', 'ignore', str(CHILD), str(task_file), str(answer)]
            status, printed = run(command, Path(folder))
            tail = '\n'.join(printed.splitlines()[-_TAIL:])
            if not answer.is_file():
                raise InternalError(f'the interpreter ended with status {status} and no answer:\n{tail}')
            result: dict[str, Any] = json.loads(answer.read_text(encoding='utf-8'))
            return {**result, 'error': f'{result["error"]}\n{tail}'} if 'error' in result else result


def _manifest(out: Path) -> Mapping[str, Any]:
    file = out / 'manifest.json'
    if not file.is_file():
        raise ExportError(f'{out} has no manifest.json, which names the packages to block')
    content: Mapping[str, Any] = json.loads(file.read_text(encoding='utf-8'))
    return content
