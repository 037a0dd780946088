"""The summaries of an export and of a verification, as tables."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from introspect_export.export_result import ExportResult
from introspect_export.verify.verify_facts import ALONE, LevelCheck, Verification

_LONGEST = 160
# The width where output is no terminal: lines are not wrapped.
_ENDLESS = 10_000


def show(content: Any) -> None:
    """Print to standard output: in colour on a terminal, else as plain lines without padding."""
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, width=None if terminal else _ENDLESS, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(content)
    click.echo('\n'.join(line.rstrip() for line in captured.get().splitlines()))


def summary(result: ExportResult, verbose: bool) -> Group:
    """The summary of an export."""
    parts: list[Any] = [_head(result)]
    rows = [(section.path, section.reason) for section in result.not_built]
    parts += _block(f'Not built here ({len(rows)} of {len(result.sections)} sections)', rows, verbose)
    parts += _diagnostics(result, verbose)
    if result.verification is not None:
        if not result.verification.ok:
            parts += _block('Verification failed', _failures(result.verification), True, 'bold red')
        parts += _unrecorded(result.verification)
    parts += [Text(), Text('Next', 'bold'), *(Text(f'  {line}') for line in _next(result))]
    return Group(*parts)


def verification(result: Verification, verbose: bool) -> Group:
    """The summary of a verification."""
    table = _grid()
    for level in result.levels:
        table.add_row('', level.name, _mark(level))
    parts: list[Any] = [table]
    if not result.ok:
        parts += _block('Failures', _failures(result), True, 'bold red')
    parts += _block(
        'Not shown here', [(one.name, one.reason) for one in result.levels if not (one.ok or one.failed)], True
    )
    rest = [(one.path, one.reason or 'built') for one in result.sections if one.ok and (verbose or not one.built)]
    parts += _block('Sections' if verbose else 'Not built, their types resolve', rest, verbose)
    if verbose or any(level.name not in ALONE for level in result.levels):
        parts += _block('Notes', [(note, '') for note in result.notes], True)
    parts += _unrecorded(result)
    parts += [Text(), Text(f'{result.summary}; blocked: {", ".join(result.blocked)}; {result.seconds:.1f} s')]
    return Group(*parts)


def _unrecorded(result: Verification) -> list[Any]:
    return _block('Not recorded in the package', [(result.unrecorded, '')] if result.unrecorded else [], True)


def _head(result: ExportResult) -> Table:
    table = _grid()
    table.add_row('', 'config', result.config)
    table.add_row('', 'package', Text(_relative(result), 'bold'))
    table.add_row('', 'classes', f'{result.classes} observed, {result.flattened} chains flattened')
    table.add_row('', 'files', f'{result.files}, with {result.lines:,} lines and {result.symbols} definitions')
    if result.verification is not None:
        state = Text('passed: ', 'green') if result.ok else Text('FAILED: ', 'bold red')
        table.add_row('', 'verified', state + Text(result.verification.summary, ''))
    times = ', '.join(f'{stage} {value:.1f}' for stage, value in result.seconds.items())
    table.add_row('', 'time', f'{sum(result.seconds.values()):.1f} s ({times})')
    return table


def _diagnostics(result: ExportResult, verbose: bool) -> list[Any]:
    counts = result.diagnostics_by_code
    if verbose or not counts:
        rows = [(f'{one.code} {one.subject}', _located(one.message, one.where)) for one in result.diagnostics]
        return _block('Diagnostics', rows, True)
    firsts = {one.code: one for one in reversed(result.diagnostics)}
    rows = [(f'{code} {count}x', f'{firsts[code].subject}: {firsts[code].message}') for code, count in counts.items()]
    return _block('Diagnostics, one of each code (-v shows all)', rows, False)


def _block(title: str, rows: Sequence[tuple[str, str]], whole: bool, style: str = 'bold') -> list[Any]:
    """A titled table, or nothing without rows."""
    if not rows:
        return []
    table = _grid()
    for left, right in rows:
        table.add_row('', left, right if whole or len(right) <= _LONGEST else right[: _LONGEST - 1] + '…')
    return [Text(), Text(title, style), table]


def _failures(result: Verification) -> list[tuple[str, str]]:
    return [(level.name, line) for level in result.levels if level.failed for line in level.reason.splitlines()]


def _next(result: ExportResult) -> Iterable[str]:
    folder = shlex.quote(_relative(result))
    scripts = {'tools/train.py': '', 'tools/test.py': ' CHECKPOINT', 'pack/demo/image_demo.py': ' IMAGE CHECKPOINT'}
    commands = [f'python {folder}/{path}{rest}' for path, rest in scripts.items() if (result.out / path).is_file()]
    if result.verification is None or not result.ok:
        commands.insert(0, f'introspect-export verify {folder}')
    return (*commands, f'less {folder}/README.md')[:2]


def _relative(result: ExportResult) -> str:
    path = os.path.relpath(result.out)
    return str(result.out) if path.startswith(os.pardir) else path


def _located(message: str, where: str) -> str:
    return f'{message} ({where})' if where else message


def _mark(level: LevelCheck) -> Text:
    if level.failed:
        return Text('FAILED', 'bold red')
    return Text(level.outcome, 'green' if level.ok else 'yellow')


def _grid() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=0)  # The left margin, by its padding.
    table.add_column(style='cyan', no_wrap=True)
    table.add_column(overflow='fold')
    return table
