"""Report the errors of a command: a message and an exit status."""

from __future__ import annotations

import errno
import json
import sys
import tempfile
import traceback
from collections.abc import Callable

import click

from introspect_export.cli.termination import interrupted_status
from introspect_export.gc_tuning import seldom_collected
from introspect_export.model import ExportError, InternalError

FAILED = 1
INTERNAL = 70  # EX_SOFTWARE of sysexits.h
_REQUIRED = {name: name for name in ('astor', 'dill', 'jinja2', 'mmengine', 'packaging', 'pygments', 'rich', 'torch')}
_REQUIRED['yaml'] = 'PyYAML'
"""The distribution of each module that this program requires; see `setup.py`."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE, errno.EFBIG}


def run_guarded(action: Callable[[], int], as_json: bool, verbose: bool) -> int:
    """Run a command, and report its errors.

    Args:
        action: The command; it returns the exit status.
        as_json: Report errors on standard output, too, as JSON.
        verbose: Print the traceback of an internal error.

    Returns:
        The exit status.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        folders = 'neither TMPDIR nor a usual folder for temporary files, nor the working folder, can be written'
        return _end(FAILED, 'error', [f'{folders}: set TMPDIR to one that can'], as_json)
    try:
        with seldom_collected():
            return action()
    except ExportError as error:
        return _end(FAILED, 'error', list(error.problems), as_json)
    except KeyboardInterrupt as error:
        return _end(interrupted_status(error), 'interrupted', ['nothing was left half-written'], as_json)
    except BrokenPipeError:
        raise  # Handled by the entry point.
    except click.ClickException:
        raise
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _internal(error, as_json, verbose)
        where = f'{error.filename}: ' if error.filename else ''
        return _end(FAILED, 'error', [f'{where}{error.strerror}'], as_json)
    except ModuleNotFoundError as error:
        if error.name not in _REQUIRED:
            return _internal(error, as_json, verbose)
        needed = f'{error.name} is not installed for {sys.executable}'
        advice = f'install it into that environment: {sys.executable} -m pip install {_REQUIRED[error.name]}'
        return _end(FAILED, 'error', [f'{needed}; {advice}'], as_json)
    except Exception as error:  # Any other exception is an error of this program.
        return _internal(error, as_json, verbose)


def _internal(error: Exception, as_json: bool, verbose: bool) -> int:
    trace = ''.join(traceback.format_exception(type(error), error, error.__traceback__))
    file = _saved(trace)
    if verbose or not file:
        click.echo(trace, err=True)
    text = str(error) if isinstance(error, InternalError) else f'{type(error).__name__}: {error}'
    report = file or 'the traceback above'
    problems = [text, f'This is a fault of introspect_export, not yours. Please report it with {report}']
    return _end(INTERNAL, 'internal error', problems, as_json)


def _saved(trace: str) -> str:
    """Save a traceback; the file, or empty where it cannot be written, as on a full disk."""
    try:
        with tempfile.NamedTemporaryFile(
            'w', prefix='introspect_export_', suffix='.txt', delete=False, encoding='utf-8'
        ) as file:
            file.write(trace)
    except OSError:
        return ''
    return file.name


def _end(status: int, kind: str, problems: list[str], as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps({'ok': False, 'kind': kind, 'problems': problems}, indent=2))
    several = len(problems) > 1 and kind == 'error'
    head = click.style(f'{kind}:', fg='red', bold=True)
    if several:
        click.echo(f'{head} {len(problems)} problems', err=True)
    for problem in problems:
        click.echo(f'  {problem}' if several else f'{head} {problem}', err=True)
        head = head if several else ' ' * (len(kind) + 1)
    return status
