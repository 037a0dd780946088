"""``introspect-export flatten MODULE:CLASS``."""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import asdict
from functools import reduce
from typing import Any

import click

from introspect_export.cli.error_reporting import run_guarded
from introspect_export.cli.output_capture import captured_output
from introspect_export.import_failures import import_failure, misses_itself
from introspect_export.model.diagnostics import ExportError

EXAMPLES = """\b
Examples:
  introspect-export flatten mmdet.models.dense_heads:VFNetHead
  introspect-export flatten logging.handlers:TimedRotatingFileHandler --until logging:Handler
  introspect-export flatten my_project.heads:MyHead > my_head.py
"""
_CLASS = 'MODULE:CLASS'


@click.command(epilog=EXAMPLES, short_help='Merge the ancestors of one class into it.')
@click.argument('name', metavar=_CLASS)
@click.option('--until', metavar=_CLASS, help='Merge up to this ancestor, which stays the base.')
@click.option('--keep', multiple=True, metavar=_CLASS, help='Leave this class as it is. Repeatable.')
@click.option('--inline', is_flag=True, help="Inline a parent's method where a single statement calls it.")
@click.option('--json', 'as_json', is_flag=True, help='Print text, bases, members and diagnostics as JSON.')
@click.option('-v', '--verbose', is_flag=True, help='Print the output of the libraries.')
@click.pass_context
def flatten(
    ctx: click.Context, name: str, until: str | None, keep: tuple[str, ...], inline: bool, as_json: bool, verbose: bool
) -> None:
    """Print a module that runs, with the class and all that it inherits from its own package.

    Refusals are reported on standard error, and the class is then printed unchanged; the exit status is 1. A class that
    uses variables of an enclosing function cannot be printed.
    """
    ctx.exit(run_guarded(lambda: run(name, until, keep, inline, as_json, verbose), as_json, verbose))


def run(name: str, until: str | None, keep: tuple[str, ...], inline: bool, as_json: bool, verbose: bool) -> int:
    """Flatten a class, and print it; the exit status."""
    from introspect_export.live_class.flatten_class import flatten_class

    # As with ``python -m``, modules in the working folder can be imported.
    sys.path.insert(0, os.getcwd())
    with captured_output(verbose):
        found = flatten_class(
            _class(name),
            until=_class(until) if until else None,
            keep=[_class(each) for each in keep],
            register=True,
            inline=inline,
        )
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1, default=str))
    else:
        click.echo(found.text, nl=False)
    for diagnostic in found.diagnostics:
        click.echo(str(diagnostic), err=True)
    return 1 if found.diagnostics and not found.merged else 0


def _class(name: str) -> type:
    """Import a class by its name.

    Raises:
        ExportError: The module cannot be imported, or has no such class.
    """
    module, colon, qualname = name.partition(':')
    if not (module and colon and qualname):
        raise ExportError(f'{name!r} names no class; write module:Class, for example logging.handlers:SMTPHandler')
    try:
        imported = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # The module's code can raise anything.
        reason = str(error) if misses_itself(error, module) else import_failure(error)
        raise ExportError(f'{name}: {module} cannot be imported: {reason}') from error
    try:
        value: Any = reduce(getattr, qualname.split('.'), imported)
    except AttributeError as error:
        raise ExportError(f'{name}: {error}') from error
    if not isinstance(value, type):
        raise ExportError(f'{name} is a {type(value).__name__}, not a class')
    return value
