"""A verifying job: reads its task from a file, checks the package alone, and writes the answer to a file."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ...sandbox.blocking import isolate
from ...sandbox.faults import message, sentence
from ...sandbox.weights import no_weights
from .carried_object import check_carried
from .config_file import config_file
from .config_values_by_path import differences, flat, placed, recorded
from .registered_names import unresolved

LEAKED = 'it imported '
NOT_CODE = ('configs', 'data', 'demo', 'files')


def check_import(out: Path, blocked: Sequence[str], answer: dict[str, Any]) -> str:
    """Import the package, and then each of its modules; a file whose name is no identifier is a resource.

    Args:
        out: The folder of the package.
        blocked: The packages that must not be imported meanwhile.
        answer: Receives, as ``unimportable``, by file, each module that cannot be imported although the package can;
            and as ``lacking`` the module and the attribute that a failing import of the package did not find in it.

    Returns:
        The reason of the first failure, or empty.
    """
    try:
        importlib.import_module('pack')
    except (Exception, SystemExit) as error:  # Foreign code may raise anything.
        answer['lacking'] = _lacking(error)
        return sentence(error)
    unimportable = answer['unimportable']
    for file in sorted((out / 'pack').rglob('*.py')):
        parts = file.relative_to(out).with_suffix('').parts
        if parts[1] in NOT_CODE or not all(part.isidentifier() for part in parts):
            continue
        try:
            importlib.import_module('.'.join(parts[:-1] if parts[-1] == '__init__' else parts))
        except (Exception, SystemExit) as error:
            found = {'reason': sentence(error), 'error': message(error)}
            unimportable[file.relative_to(out).as_posix()] = found
    return _leaked(blocked) or next((one['reason'] for one in unimportable.values()), '')


def _lacking(error: BaseException) -> list[str] | None:
    """The module of the package and the attribute that an exception says are missing; None for any other exception."""
    if not isinstance(error, AttributeError) or not isinstance(error.obj, ModuleType):
        return None
    module = error.obj.__name__
    return [module, str(error.name)] if module.partition('.')[0] == 'pack' else None


def _leaked(blocked: Sequence[str]) -> str:
    leaked = sorted({name.partition('.')[0] for name in sys.modules.copy()} & set(blocked))
    return f'{LEAKED}{", ".join(leaked)}' if leaked else ''


def check_build(out: Path, task: dict[str, Any], answer: dict[str, Any]) -> str:
    """Build the package's config.

    Args:
        out: The folder of the package.
        task: The task.
        answer: Receives the sections and notes.

    Returns:
        The problems, one per line, or empty.
    """
    from mmengine.config import Config
    from mmengine.registry import init_default_scope

    from ...sandbox.building import build_model, build_rest
    from ...sandbox.no_data import no_data
    from .section_report import reported

    try:
        importlib.import_module('pack')
        config = Config.fromfile(task['config'] or str(config_file(out)))
        init_default_scope(config.get('default_scope') or 'pack')
    except Exception as error:  # Foreign code may raise anything.
        return sentence(error)
    plain = config.to_dict()  # Building modifies the config.
    begin = reported(lambda: Config.fromfile(config.filename)._cfg_dict, task['original'])
    with no_weights() as missing, no_data():
        sections = build_rest(begin, build_model(begin, task['device'])).sections.listener.sections
    answer['notes'] += [f'built without these weights, which are not here: {name}' for name in dict.fromkeys(missing)]
    answer['sections'] = sections
    problems = [f'{one["path"]}: {one["reason"]}' for one in sections if not one['ok']]
    allowed = task['plain_types']
    for path, text in unresolved(plain):
        if allowed is None or text in allowed:
            answer['notes'].append(f'{path}.type {text!r} is no registered name')
        else:
            problems.append(f'{path}: no registry knows the type {text!r}')
    leaked = _leaked(task['blocked'])
    return '\n'.join([*problems, leaked] if leaked else problems)


def check_config(out: Path, task: dict[str, Any]) -> dict[str, str]:
    """Check the level *config*: the package's config has the original's values, as recorded in the manifest.

    Args:
        out: The folder of the package.
        task: The task.

    Returns:
        The level's name, outcome and reason.
    """
    from mmengine.config import Config

    known = task['compared']
    if not known:
        reason = "the manifest has no record of the original config's values"
        return {'name': 'config', 'outcome': 'not shown', 'reason': reason}
    try:
        file = Path(task['config'] or config_file(out))
        content = hashlib.blake2b(file.read_bytes(), digest_size=12).hexdigest()
        config = Config.fromfile(str(file), import_custom_modules=False)
        lines = differences(known['values'], recorded(known['values']), placed(flat(config._cfg_dict), str(file)))
    except Exception as error:  # Foreign code may raise anything.
        return {'name': 'config', 'outcome': 'failed', 'reason': sentence(error)}
    if lines and content != known['text']:
        lines.append(f'{file.relative_to(out)} was edited after the export: edits that are meant are told here, too')
    return {'name': 'config', 'outcome': 'failed' if lines else 'shown', 'reason': '\n'.join(lines)}


def _check_objects(out: Path, task: dict[str, Any], answer: dict[str, Any]) -> str:
    """Load the pickled model, or build the config; returns the reason of a failure, or empty."""
    if task['carried']:
        return check_carried(task['carried'], task['libraries'], task['plain_modules'], answer)
    return check_build(out, task, answer)


def _check(out: Path, task: dict[str, Any], answer: dict[str, Any]) -> None:
    """Check the levels, up to the first that fails.

    The config is built before all modules are imported, although the answer has the reverse order: the imports made by
    the package's registries must suffice for building.
    """
    built = ''
    if 'build' in task['levels']:
        try:
            built = _check_objects(out, task, answer)
        except (Exception, SystemExit) as error:  # A module that cannot be imported is reported below.
            built = sentence(error)
    answer.update(unimportable={}, lacking=None)
    imported = check_import(out, task['blocked'], answer) if 'import' in task['levels'] else ''
    # The parent process compares these failures with the original's (``unimportable_modules.py``).
    if imported.startswith(LEAKED):
        answer['unimportable'] = {}
    if imported and not answer['unimportable']:
        answer.update(sections=[], notes=[])
    reasons = {'import': imported, 'build': built}
    for level in task['levels']:
        if level == 'config':
            answer['levels'].append(check_config(out, task))
            continue
        outcome = 'failed' if reasons[level] else 'shown'
        answer['levels'].append({'name': level, 'outcome': outcome, 'reason': reasons[level]})
        if reasons[level] and not (level == 'import' and answer['unimportable']):
            break


def main(job: str, answer_file: str) -> None:
    """Run a job.

    Args:
        job: The file with the task.
        answer_file: The file for the answer.
    """
    task = json.loads(Path(job).read_text(encoding='utf-8'))
    out = Path(task['out'])
    supplied = isolate(task)
    answer: dict[str, Any] = {'levels': [], 'sections': [], 'notes': []}
    _check(out, task, answer)
    answer['notes'] += [f'{name} is not installed: a placeholder stood in for it' for name in supplied]
    Path(answer_file).write_text(json.dumps(answer), encoding='utf-8')
