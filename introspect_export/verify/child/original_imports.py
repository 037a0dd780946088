"""Import modules of the original, and write down which of them cannot be imported here."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

from ...sandbox.blocking import isolate
from ...sandbox.faults import message


def main(job: str, answer_file: str) -> None:
    """Do what the job says: for each module that fails its error, and whether its package is not here at all."""
    task = json.loads(Path(job).read_text(encoding='utf-8'))
    isolate(task, with_package=False)
    answer = {}
    for name in task['modules']:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # Libraries' code fails in its own ways.
            absent = isinstance(error, ModuleNotFoundError) and error.name == name.partition('.')[0]
            answer[name] = {'error': message(error), 'absent': absent}
    Path(answer_file).write_text(json.dumps(answer), encoding='utf-8')
