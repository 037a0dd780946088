"""``introspect-export verify OUT``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from introspect_export.cli.error_reporting import FAILED, run_guarded
from introspect_export.cli.progress_display import progress
from introspect_export.verify.verify_facts import LEVELS, TIMEOUT

NOT_SHOWN = 3


@click.command(short_help='Verify that a package works without its origins.')
@click.argument('out', type=click.Path(path_type=Path))
@click.option(
    '--level',
    type=click.Choice(LEVELS),
    default='build',
    show_default=True,
    help='The last level to verify; each includes those before.',
)
@click.option('--config', metavar='CONFIG', help="The original's config; by default the one that the manifest names.")
@click.option('--timeout', type=float, default=TIMEOUT, show_default=True, help='Seconds for one step of a comparison.')
@click.option('--block', multiple=True, metavar='PACKAGE', help='Block this package too. Repeatable.')
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print failures only.')
@click.option('-v', '--verbose', is_flag=True, help='Print every section and every note.')
@click.pass_context
def verify(
    ctx: click.Context,
    out: Path,
    level: str,
    config: str | None,
    timeout: float,
    block: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    r"""Verify that the package in OUT works without its origins, and behaves as the original.

    \b
    static   no file imports an origin or names a type of one
    config   its config has the values of the original's, as the manifest records them
    import   every module of the package is imported
    build    every section of its config is built
    state    the model has the original's keys, shapes and classes; each loads the other's checkpoint
    objects  all sections, once built, hold the same, and so do optimizers' groups, schedulers over time, and classes
    forward  the modes tensor and predict give the same numbers
    train    two steps give the same losses, gradients and parameters
    evaluate predictions over a spread of scores, and what evaluators find in them, are the same
    code     all functions, also those that never ran, have the original's numbers, operators, names and statements
    data     data sets and pipelines give the same for the same index and seed

    From state on, the package and the original run side by side, with the same weights, seeds and synthetic data.
    Values of the package's config that were edited after the export are reported as differences. A level that cannot
    be verified here, for example without data, does not count as passed: the exit status is 3. It is 1 if a level
    failed. The result is recorded in manifest.json.
    """

    def action() -> int:
        from introspect_export.verify import verify as run

        with progress(quiet or as_json, verbose) as step:
            step(f'verifying {out}')
            result = run(out, level, block, config=config, timeout=timeout)
        if as_json:
            click.echo(json.dumps(result.to_json(), indent=2))
        elif not (quiet and result.shown):
            from introspect_export.cli.summary import show, verification

            show(verification(result, verbose))
        return FAILED if not result.ok else 0 if result.shown else NOT_SHOWN

    ctx.exit(run_guarded(action, as_json, verbose))
