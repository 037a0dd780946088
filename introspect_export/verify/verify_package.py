"""Verification of a package in fresh interpreters, first alone with its origins blocked, then with the original."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from introspect_export.distributions import stdlib_names
from introspect_export.model import ExportError, InternalError
from introspect_export.sandbox.on_path import start
from introspect_export.subprocesses import run
from introspect_export.temporary import temporary_folder
from introspect_export.verify.manifest_record import write_down
from introspect_export.verify.roles import library_path
from introspect_export.verify.static_check import check_text
from introspect_export.verify.unimportable_modules import judged
from introspect_export.verify.verify_facts import (
    ALONE,
    FAILED,
    LEVELS,
    TIMEOUT,
    LevelCheck,
    SectionCheck,
    Verification,
    has_run,
)

if TYPE_CHECKING:
    from introspect_export.verify.data_level import Inputs

Interpreter = Callable[[Path, Path, Path], tuple[int, str]]
"""A function that runs a job (its file, the file for the answer, the working folder) and returns the exit status and
the output."""

_SELF = 'introspect_export'
_TAIL = 20
_MOST = 20


def fresh_interpreter(job: Path, answer: Path, work: Path) -> tuple[int, str]:
    """Run a job in a new interpreter.

    Args:
        job: The file with the job.
        answer: The file for the answer.
        work: The working folder.

    Returns:
        The exit status, and what was printed.
    """
    # -I: the environment, the working folder and the user's site-packages are not on ``sys.path``.
    command = [sys.executable, '-I', '-B', '-W', 'ignore', *start('verify.child.job'), str(job), str(answer)]
    return run(command, work)


def verify(
    out: Path,
    level: str = 'build',
    blocked: Sequence[str] = (),
    interpreter: Interpreter = fresh_interpreter,
    *,
    device: str = 'auto',
    config: str | None = None,
    inputs: Inputs | None = None,
    timeout: float = TIMEOUT,
    record: bool = True,
) -> Verification:
    """Verify that a package does not need its origins, and that it behaves like the original.

    Args:
        out: The folder that an export wrote.
        level: The last level to check: ``static`` (the text names no origin), ``config`` (its config has the
            original's values), ``import`` (every module can be imported), ``build`` (every section of its config is
            built); and, compared with the original, ``state``, ``objects``, ``forward``, ``train``, ``evaluate``,
            ``code``, ``data``. Each level includes those before it.
        blocked: Packages to block in addition to the origins that the package's manifest names.
        interpreter: Runs the job in an interpreter.
        device: The device for building the package alone: ``cpu``, ``meta`` (without allocating large tensors) or
            ``auto``.
        config: The original's config, if it is not the one that the manifest names.
        inputs: The data to compare with; by default it is generated.
        timeout: The time limit of one step of a comparison in seconds.
        record: Whether to record the result in the package's manifest.

    Returns:
        The result; a package that fails does not raise an exception.

    Raises:
        ExportError: The folder contains no package, or the level or config does not exist or does not apply.
        InternalError: The interpreter gave no answer.
    """
    if level not in LEVELS:
        raise ExportError(f'no such level {level!r}; there are {", ".join(LEVELS)}')
    began = time.monotonic()
    out = Path(out).resolve()
    if not (out / 'pack' / '__init__.py').is_file():
        raise ExportError(f'{out} holds no pack (there is no pack/__init__.py in it)')
    manifest = _manifest(out)
    if len(manifest.get('configs', ())) > 1 and level not in ALONE:
        raise ExportError(f'{out} holds several configs: build is the last level that is checked for all of them')
    if manifest.get('carried') and level not in ALONE:
        raise ExportError(f'{out} holds an object and no config: build is its last level, and compares its state')
    # ``__main__`` exists in every process.
    origins = sorted({*manifest.get('origins', ()), *blocked} - {'__main__'})
    wanted = LEVELS[: LEVELS.index(level) + 1]
    unknown = manifest.get('unknown_types', ())
    checks = [_static(out, {*origins, *manifest.get('scopes', ()), _SELF}, unknown)]
    answer: Mapping[str, Any] = {}
    notes = [f'the text names the type {text!r}, which no registry of the original knows either' for text in unknown]
    if manifest.get('carried'):
        wanted = tuple(one for one in wanted if one != 'config')
    alone, compared = [one for one in wanted if one in ALONE], [one for one in wanted if one not in ALONE]
    ran: frozenset[str] = frozenset()
    if checks[0].ok and len(alone) > 1:
        answer = _answers(out, alone[1:], [*origins, _SELF], manifest, interpreter, device)
        checks += [LevelCheck(check['name'], check['outcome'], check['reason']) for check in answer['levels']]
        notes += answer['notes']
    if compared and not any(check.failed for check in checks):
        from introspect_export.verify.comparing import compare  # It imports torch.

        found = compare(out, compared, [*origins, _SELF], manifest, config, inputs, timeout)
        checks += found.levels
        notes += found.notes
        ran = found.ran
    result = Verification(
        levels=tuple(checks),
        sections=tuple(
            SectionCheck(**section, ran=has_run(section['path'], ran)) for section in answer.get('sections', ())
        ),
        blocked=(*origins, _SELF),
        notes=tuple(notes),
        seconds=round(time.monotonic() - began, 2),
        lacking=tuple(answer['lacking']) if answer.get('lacking') else None,
    )
    if record and manifest:
        result = write_down(out, manifest, result)
    return result


def _manifest(out: Path) -> Mapping[str, Any]:
    file = out / 'manifest.json'
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
    except ValueError as error:
        raise ExportError(f'{file} is not JSON: {error}') from error
    if not isinstance(content, dict):
        raise ExportError(f'{file} is no manifest: it holds a {type(content).__name__}')
    return content


def _static(out: Path, origins: set[str], unknown: Sequence[str]) -> LevelCheck:
    problems = check_text(out, origins, unknown)
    more = [f'… and {len(problems) - _MOST} more'] if len(problems) > _MOST else []
    return LevelCheck.of('static', '\n'.join(problems[:_MOST] + more))


def _answers(
    out: Path,
    levels: Sequence[str],
    blocked: Sequence[str],
    manifest: Mapping[str, Any],
    interpreter: Interpreter,
    device: str,
) -> Mapping[str, Any]:
    """The answer for all configs of the package together, up to the first that fails."""
    configs = manifest.get('configs') or [{}]
    sections: list[dict[str, Any]] = []
    notes: dict[str, None] = {}
    answer: Mapping[str, Any] = {}
    for one in configs:
        answer = _answer(out, levels, blocked, {**manifest, **one}, interpreter, device)
        name = f'{one["config"]["name"]}: ' if len(configs) > 1 else ''
        sections += [{**section, 'path': name + section['path']} for section in answer['sections']]
        notes.update(dict.fromkeys(answer['notes']))
        if any(check['outcome'] == FAILED for check in answer['levels']):
            named = [{**check, 'reason': check['reason'] and name + check['reason']} for check in answer['levels']]
            answer = {**answer, 'levels': named}
            break
    return {**answer, 'sections': sections, 'notes': list(notes)}


def _answer(
    out: Path,
    levels: Sequence[str],
    blocked: Sequence[str],
    manifest: Mapping[str, Any],
    interpreter: Interpreter,
    device: str,
) -> Mapping[str, Any]:
    with temporary_folder() as folder:
        job, answer, work = Path(folder, 'job.json'), Path(folder, 'answer.json'), Path(folder, 'work')
        work.mkdir()
        sections = manifest.get('sections', ())
        task = {
            'out': str(out),
            'levels': list(levels),
            'blocked': list(blocked),
            'path': library_path(),
            'device': device,
            'config': str(out / manifest['in']) if 'in' in manifest else None,
            'original': {section['path']: '' if section['built'] else section['reason'] for section in sections},
            'plain_types': manifest.get('plain_types'),
            'carried': manifest.get('carried'),
            'libraries': manifest.get('libraries', ()),
            'plain_modules': sorted(stdlib_names()) if manifest.get('carried') else (),
            'compared': manifest.get('compared'),
        }
        job.write_text(json.dumps(task), encoding='utf-8')
        status, printed = interpreter(job, answer, work)
        if not answer.is_file():
            tail = '\n'.join(printed.splitlines()[-_TAIL:])
            raise InternalError(f'the verifying interpreter ended with status {status} and no answer:\n{tail}')
        return judged(out, manifest, json.loads(answer.read_text(encoding='utf-8')), [_SELF])
