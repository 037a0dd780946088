"""``introspect-export why OUT SYMBOL``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from introspect_export.cli.error_reporting import FAILED, run_guarded


@click.command(short_help='Explain why a definition is in a package.')
@click.argument('out', type=click.Path(path_type=Path))
@click.argument('symbol')
@click.option('--json', 'as_json', is_flag=True, help="Print the manifest's entries as JSON, and nothing else.")
@click.pass_context
def why(ctx: click.Context, out: Path, symbol: str, as_json: bool) -> None:
    """Explain why SYMBOL is in the package in OUT: the chain from the config to it.

    SYMBOL is a name, Class.name or module:name; a module may be given by its end.
    """

    def action() -> int:
        from introspect_export.inspect.reason_chain import packaged

        found = packaged(out, symbol)
        if as_json:
            click.echo(json.dumps(found, indent=1, ensure_ascii=False))
        else:
            _print_entries(found)
        return 0

    ctx.exit(run_guarded(action, as_json, False))


def _print_entries(found: Iterable[Mapping[str, Any]]) -> None:
    for each in found:
        click.echo(f'{click.style(each["symbol"], bold=True)}  {each["file"]}:{each["line"]}  in {each["in"]}')
        if each.get('merged'):
            click.echo(f'  merged into it: {", ".join(name.rpartition(":")[2] for name in each["merged"])}')
        _print(each['why'])


def print_why(report: Any, name: str) -> int:
    """Print why an export of a report's config would contain a name; the exit status."""
    found = report.why(name)
    for symbol, steps in found.items():
        click.echo(click.style(str(symbol), bold=True))
        _print(steps)
    if not found:
        click.echo(f'error: an export of {report.config} would not contain {name}', err=True)
    return 0 if found else FAILED


def _print(steps: Iterable[str]) -> None:
    for depth, step in enumerate(steps):
        click.echo(f'  {"  " * depth}{step}')
