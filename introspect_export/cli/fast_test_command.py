"""``introspect-export fast-test OUT``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from introspect_export.cli.error_reporting import FAILED, run_guarded
from introspect_export.cli.progress_display import progress

if TYPE_CHECKING:
    from introspect_export.fast_test import TrainingResult


@click.command(name='fast-test', short_help='Train a package for two iterations on tiny data.')
@click.argument('out', type=click.Path(path_type=Path))
@click.option(
    '-o',
    '--data',
    type=click.Path(path_type=Path),
    help='A new folder for the data, the config that uses it, and the work dir; by default OUT/fast_test.',
)
@click.option(
    '--shape',
    type=(int, int),
    metavar='HEIGHT WIDTH',
    help='The size of the images, larger where the pipeline requires it. By default small, then larger ones.',
)
@click.option(
    '--python',
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='The interpreter that trains, of an environment with the requirements of OUT only.',
)
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print errors only.')
@click.option('-v', '--verbose', is_flag=True, help='Print everything that the training logged.')
@click.pass_context
def fast_test(
    ctx: click.Context,
    out: Path,
    data: Path | None,
    shape: tuple[int, int] | None,
    python: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    r"""Train the package in OUT for two iterations, validate once, and save a checkpoint.

    No data is needed: a few images and annotations are made in the format that the config's data sets read. The origins
    of OUT cannot be imported meanwhile. The config that uses the data, fast_test/config.py, works for tools/train.py
    and tools/test.py, too.

    \b
    Examples:
      introspect-export fast-test condinst
      introspect-export fast-test condinst -o /tmp/tiny
    """

    def action() -> int:
        from introspect_export.fast_test import fast_test as run

        with progress(quiet or as_json, verbose) as step:
            result = run(out, data, shape=shape, python=python, progress=step)
        if as_json:
            click.echo(json.dumps(result.to_json(), indent=2))
        elif not (quiet and result.ok):
            _show(result, verbose)
        return 0 if result.ok else FAILED

    ctx.exit(run_guarded(action, as_json, verbose))


def _show(result: TrainingResult, verbose: bool) -> None:
    for number, values in enumerate(result.iterations, 1):
        shown = values if verbose else {key: value for key, value in values.items() if key == 'loss'} or values
        click.echo(f'iteration {number}: ' + ', '.join(f'{key} {value:.4g}' for key, value in shown.items()))
    for key, value in result.metrics.items():
        click.echo(f'{key}: {value}')
    for note in result.notes:
        click.echo(note)
    if result.ok:
        click.echo(f'trained in {result.seconds:.1f} s; data in {result.data}, logs in {result.work_dir}')
    else:
        click.echo(click.style('FAILED: ', fg='red', bold=True) + result.reason)
