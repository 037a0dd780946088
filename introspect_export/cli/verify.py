"""``introspect-export verify OUT``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from introspect_export.cli.errors import FAILED, guarded
from introspect_export.cli.progress import progress
from introspect_export.verify.facts import LEVELS, TIMEOUT

NOT_SHOWN = 3


@click.command(short_help='Show that a package stands alone.')
@click.argument('out', type=click.Path(path_type=Path))
@click.option(
    '--level',
    type=click.Choice(LEVELS),
    default='build',
    show_default=True,
    help='How far to go; each includes those before.',
)
@click.option(
    '--config', metavar='CONFIG', help="The original's config, where it is not the one that the manifest names."
)
@click.option('--timeout', type=float, default=TIMEOUT, show_default=True, help='Seconds for one step of a comparison.')
@click.option('--block', multiple=True, metavar='PACKAGE', help='Block this package too. Repeatable.')
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print only what is wrong.')
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
    r"""Show that the package in OUT works where the packages it came from cannot be imported, and does the same.

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
    code     all functions, also such that never ran, have the original's numbers, operators, names and statements
    data     data sets and pipelines give the same for the same index and seed

    From state on the package and the original run beside each other, with the same weights, seeds and made-up data.
    Values of the package's config that were edited after the export are reported as differences: meant or not.
    A level that cannot be shown here, for want of data for example, is not counted as passed: the exit status is 3.
    It is 1 where something is wrong. What was shown is written into manifest.json.
    """

    def action() -> int:
        from introspect_export.verify import verify as run

        with progress(quiet or as_json, verbose) as tell:
            tell(f'verifying {out}')
            result = run(out, level, block, config=config, timeout=timeout)
        if as_json:
            click.echo(json.dumps(result.to_json(), indent=2))
        elif not (quiet and result.shown):
            from introspect_export.cli.report import show, verification

            show(verification(result, verbose))
        return FAILED if not result.ok else 0 if result.shown else NOT_SHOWN

    ctx.exit(guarded(action, as_json, verbose))
