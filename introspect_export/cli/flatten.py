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

from introspect_export.cli.errors import guarded
from introspect_export.cli.noise import contained
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
@click.option('--inline', is_flag=True, help="Write a parent's method out where one statement calls it.")
@click.option('--json', 'as_json', is_flag=True, help='Print text, bases, members and diagnostics as JSON.')
@click.option('-v', '--verbose', is_flag=True, help='Print what the libraries say.')
@click.pass_context
def flatten(
    ctx: click.Context, name: str, until: str | None, keep: tuple[str, ...], inline: bool, as_json: bool, verbose: bool
) -> None:
    """Print a module that runs, with the class and all that it inherits from its own package.

    What was refused is said on standard error, and the class is then printed as it is; the exit status is 1. A class
    that sees variables of a function around it cannot be printed.
    """
    ctx.exit(guarded(lambda: run(name, until, keep, inline, as_json, verbose), as_json, verbose))


def run(name: str, until: str | None, keep: tuple[str, ...], inline: bool, as_json: bool, verbose: bool) -> int:
    """Flatten, and print; the exit status."""
    from introspect_export.linearize.standalone import flatten_class

    # Like ``python -m``: what lies in the working folder can be imported.
    sys.path.insert(0, os.getcwd())
    with contained(verbose):
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
        ExportError: There is no such module, or no such class in it.
    """
    module, colon, qualname = name.partition(':')
    if not (module and colon and qualname):
        raise ExportError(f'{name!r} names no class; write module:Class, for example logging.handlers:SMTPHandler')
    try:
        imported = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # The module's own code runs here: it can raise anything.
        reason = str(error) if misses_itself(error, module) else import_failure(error)
        raise ExportError(f'{name}: {module} cannot be imported: {reason}') from error
    try:
        value: Any = reduce(getattr, qualname.split('.'), imported)
    except AttributeError as error:
        raise ExportError(f'{name}: {error}') from error
    if not isinstance(value, type):
        raise ExportError(f'{name} is a {type(value).__name__}, not a class')
    return value
