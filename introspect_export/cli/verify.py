"""``introspect-export verify OUT``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from introspect_export.cli.errors import FAILED, guarded
from introspect_export.cli.progress import progress

LEVELS = ('static', 'import', 'build')


@click.command(short_help='Show that a package stands alone.')
@click.argument('out', type=click.Path(path_type=Path))
@click.option(
    '--level',
    type=click.Choice(LEVELS),
    default='build',
    show_default=True,
    help='How far to go; each includes those before.',
)
@click.option('--block', multiple=True, metavar='PACKAGE', help='Block this package too. Repeatable.')
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print only what is wrong.')
@click.option('-v', '--verbose', is_flag=True, help='Print every section and every note.')
@click.pass_context
def verify(
    ctx: click.Context, out: Path, level: str, block: tuple[str, ...], as_json: bool, quiet: bool, verbose: bool
) -> None:
    r"""Show that the package in OUT works where the packages it came from cannot be imported.

    \b
    static  no file imports an origin or names a type of one
    import  every module of the package is imported
    build   every section of its config is built

    It runs in a fresh interpreter and reads no data.
    """

    def action() -> int:
        from introspect_export.verify import verify as run

        with progress(quiet or as_json, verbose) as tell:
            tell(f'verifying {out}')
            result = run(out, level, block)
        if as_json:
            click.echo(json.dumps(result.to_json(), indent=2))
        elif not (quiet and result.ok):
            from introspect_export.cli.report import show, verification

            show(verification(result, verbose))
        return 0 if result.ok else FAILED

    ctx.exit(guarded(action, as_json, verbose))
