"""``introspect-export diff A B``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from introspect_export.cli.error_reporting import FAILED, run_guarded
from introspect_export.cli.output_capture import captured_output
from introspect_export.cli.progress_display import progress


@click.command(short_help='Compare two configs by what they build.')
@click.argument('before', type=click.Path())
@click.argument('after', type=click.Path())
@click.option('--model-only', is_flag=True, help='Compare the models and nothing else.')
@click.option('--json', 'as_json', is_flag=True, help='Print the differences as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print no progress.')
@click.option('-v', '--verbose', is_flag=True, help='Print every step and the output of the libraries.')
@click.pass_context
def diff(
    ctx: click.Context, before: str, after: str, model_only: bool, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Compare what two configs build: objects, classes, arguments, and the text of methods.

    Each is a config (a file or repo::path) or a snapshot written by inspect --json. The exit status is 1 if they
    differ.
    """

    def action() -> int:
        with progress(quiet or as_json, verbose) as step, captured_output(verbose):
            found = _compare(_snapshot(before, model_only, step), _snapshot(after, model_only, step))
        return _print_differences(found, as_json)

    ctx.exit(run_guarded(action, as_json, verbose))


def check(report: Any, file: str, as_json: bool) -> int:
    """Compare a report with a snapshot, and print the differences; the exit status."""
    return _print_differences(_compare(read_snapshot(file), report.to_json()), as_json)


def read_snapshot(file: str) -> dict[str, Any]:
    """Read a snapshot.

    Raises:
        ExportError: The file does not exist or is not JSON.
    """
    from introspect_export.model import ExportError

    try:
        found = json.loads(Path(file).read_text(encoding='utf-8'))
    except FileNotFoundError as error:
        raise ExportError(f'no snapshot {file}; make one with: introspect-export inspect CONFIG --json') from error
    except ValueError as error:
        raise ExportError(f'{file}: no snapshot: {error}') from error
    return found if isinstance(found, dict) else {}


def _snapshot(source: str, model_only: bool, step: Callable[[str], None]) -> dict[str, Any]:
    if source.endswith('.json') and os.path.isfile(source):
        found = read_snapshot(source)
        if str(found.get('schema', '')).startswith('introspect_export.'):
            return found
    step('importing torch and mmengine')
    from introspect_export.inspect import inspect_config

    return inspect_config(source, model_only=model_only, progress=step).to_json()


def _compare(before: dict[str, Any], after: dict[str, Any]) -> Any:
    from introspect_export.inspect.diff import compare

    return compare(before, after)


def _print_differences(found: Any, as_json: bool) -> int:
    from introspect_export.cli.summary import show

    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
    else:
        show(found)
    return FAILED if found.found else 0
