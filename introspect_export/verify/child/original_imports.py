"""A job that imports modules of the original, and reports those that cannot be imported."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

from ...sandbox.blocking import isolate
from ...sandbox.faults import message


def main(job: str, answer_file: str) -> None:
    """Run a job: for each module that fails, the answer has its error, and whether its package is not installed.

    Args:
        job: The file with the task.
        answer_file: The file for the answer.
    """
    task = json.loads(Path(job).read_text(encoding='utf-8'))
    isolate(task, with_package=False)
    answer = {}
    for name in task['modules']:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # Foreign code may raise anything.
            absent = isinstance(error, ModuleNotFoundError) and error.name == name.partition('.')[0]
            answer[name] = {'error': message(error), 'absent': absent}
    Path(answer_file).write_text(json.dumps(answer), encoding='utf-8')
