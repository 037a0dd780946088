"""A comparison of modules of the package that cannot be imported with the original modules of their text.

A module that only functions import may require something that this machine lacks, such as a driver, in the original as
well; that is no fault of the package.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from introspect_export.model import InternalError
from introspect_export.sandbox.on_path import start
from introspect_export.subprocesses import run
from introspect_export.temporary import temporary_folder
from introspect_export.verify.roles import library_path
from introspect_export.verify.verify_facts import FAILED, NOT_SHOWN, SHOWN


def judged(out: Path, manifest: Mapping[str, Any], answer: Mapping[str, Any], own: Sequence[str]) -> Mapping[str, Any]:
    """Correct the level *import* of an answer: a module that fails like its original is no fault of the package.

    Args:
        out: The folder of the package.
        manifest: Its manifest.
        answer: The answer of the verifying interpreter.
        own: The packages to block for the original as well.

    Returns:
        The corrected answer.

    Raises:
        InternalError: The interpreter that imports the original gave no answer.
    """
    failing = answer.get('unimportable') or {}
    if not failing:
        return answer
    origins = {file: _origins(file, manifest) for file in failing}
    errors = _import_errors(out, sorted({name for names in origins.values() for name in names}), own)
    outcome, reasons, notes = SHOWN, [], []
    for file, pack in failing.items():
        found = [errors.get(name) for name in origins[file]]
        if found and all(one is not None and one['error'] == pack['error'] for one in found):
            notes.append(f'{file} cannot be imported here, nor can {", ".join(origins[file])}: {pack["error"]}')
        elif found and all(one is not None and one['absent'] for one in found):
            outcome = NOT_SHOWN if outcome == SHOWN else outcome
            reasons.append(
                f'whether {", ".join(origins[file])} can be, which is not here, is not known: {pack["reason"]}'
            )
        else:
            outcome = FAILED
            reasons.insert(0, pack['reason'])
    return _with(answer, outcome, reasons[0] if outcome == FAILED else '\n'.join(reasons), notes)


def _with(answer: Mapping[str, Any], outcome: str, reason: str, notes: list[str]) -> Mapping[str, Any]:
    """The answer with another outcome of the level *import*; if it failed, later levels are removed."""
    levels = []
    for level in answer['levels']:
        if level['name'] != 'import':
            levels.append(level)
            continue
        levels.append({'name': 'import', 'outcome': outcome, 'reason': reason})
        if outcome == FAILED:
            return {**answer, 'levels': levels, 'sections': [], 'notes': []}
    return {**answer, 'levels': levels, 'notes': [*answer['notes'], *notes]}


def _origins(file: str, manifest: Mapping[str, Any]) -> list[str]:
    """The origin modules of the definitions in a file of the package."""
    symbols = (one['symbol'] for one in manifest.get('symbols', ()) if one['in'] == file)
    return sorted({symbol.partition(':')[0] for symbol in symbols})


def _import_errors(out: Path, modules: Sequence[str], own: Sequence[str]) -> Mapping[str, Any]:
    """The errors of those modules of the original that cannot be imported here, by the module's name."""
    with temporary_folder() as folder:
        job, answer, work = folder / 'job.json', folder / 'answer.json', folder / 'work'
        work.mkdir()
        task = {'modules': list(modules), 'blocked': list(own), 'path': library_path(with_here=True), 'out': str(out)}
        job.write_text(json.dumps(task), encoding='utf-8')
        command = [
            sys.executable,
            '-I',
            '-B',
            '-W',
            'ignore',
            *start('verify.child.original_imports'),
            str(job),
            str(answer),
        ]
        status, printed = run(command, work)
        if not answer.is_file():
            raise InternalError(f'the interpreter that imports the original ended with status {status}:\n{printed}')
        result: Mapping[str, Any] = json.loads(answer.read_text(encoding='utf-8'))
        return result
