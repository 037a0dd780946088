"""``introspect-export inspect CONFIG``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from introspect_export.cli.diff_command import check
from introspect_export.cli.error_reporting import FAILED, run_guarded
from introspect_export.cli.output_capture import captured_output
from introspect_export.cli.progress_display import progress
from introspect_export.cli.shared_options import CfgOptionsCommand, parse
from introspect_export.cli.why_command import print_why

EXAMPLES = """\b
Examples:
  introspect-export inspect my.py
  introspect-export inspect my.py --section model.backbone --depth 0 --params
  introspect-export inspect my.py --object bbox_head.loss_cls
  introspect-export inspect my.py --class FCOSHead
  introspect-export inspect my.py --html my.html
  introspect-export inspect my.py --json > my.json
  introspect-export inspect my.py --check my.json
"""


@dataclass(frozen=True)
class InspectOptions:
    """The options of the command."""

    config: str
    depth: int
    section: str
    grep: str
    params: bool
    args: bool
    object: str | None
    of_class: str | None
    why: str | None
    html: str | None
    check: str | None
    model_only: bool
    cfg_options: tuple[str, ...]
    intern: tuple[str, ...]
    extern: tuple[str, ...]
    quiet: bool
    verbose: bool
    as_json: bool


@click.command(cls=CfgOptionsCommand, epilog=EXAMPLES, short_help='Show what a config really builds.')
@click.argument('config', type=click.Path())
@click.option('--depth', type=click.IntRange(0), default=4, show_default=True, help='Levels of the tree; 0 for all.')
@click.option('--section', default='', metavar='PATH', help='Only objects at or below this path: model.backbone.')
@click.option('--grep', default='', metavar='TEXT', help='Only objects with this in path, class, ancestors or file.')
@click.option('--params', is_flag=True, help='Show each parameter and buffer.')
@click.option('--args', is_flag=True, help='Show each argument and where it was set.')
@click.option('--object', metavar='PATH', help='One object in full; the end of its path is enough.')
@click.option(
    '--class',
    'of_class',
    metavar='NAME',
    help='The method table of a class: which ancestors define and override each method.',
)
@click.option('--why', metavar='SYMBOL', help='Why an export would hold a class or function.')
@click.option('--html', metavar='FILE', help='Write a page for searching and browsing; it needs no network.')
@click.option('--check', metavar='FILE', help='Compare with a file written by --json; exit status 1 if it differs.')
@click.option('--model-only', is_flag=True, help='Build the model and nothing else.')
@click.option('--cfg-options', multiple=True, metavar='KEY=VALUE...', help='Change the config before it is built.')
@click.option('--intern', multiple=True, metavar='PACKAGE', help='Treat this package as one to inspect. Repeatable.')
@click.option('--extern', multiple=True, metavar='PACKAGE', help='Treat this package as a library. Repeatable.')
@click.option('--json', 'as_json', is_flag=True, help='Print everything as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print no progress.')
@click.option('-v', '--verbose', is_flag=True, help='Print every step and the output of the libraries.')
@click.pass_context
def inspect(ctx: click.Context, /, **values: Any) -> None:
    """Show what CONFIG really builds: every object, its class, its arguments and where they were set.

    CONFIG is a file, or repo::path for a config of an installed package. It is built without data, network or GPU.
    """
    request = InspectOptions(**values)
    ctx.exit(run_guarded(lambda: run(request), request.as_json, request.verbose))


def run(request: InspectOptions) -> int:
    """Inspect a config, and print what the options select; the exit status."""
    options = parse(request.cfg_options)
    with progress(request.quiet or request.as_json, request.verbose) as step, captured_output(request.verbose):
        report = _inspect(request, options, step)
    if request.check is not None:
        return check(report, request.check, request.as_json)
    if request.as_json:
        click.echo(json.dumps(report.to_json(), indent=1, ensure_ascii=False))
        return 0
    from introspect_export.cli.summary import show

    if request.html is not None:
        from introspect_export.emit.atomic_replace import write_atomically
        from introspect_export.inspect.page import page

        write_atomically(Path(request.html), page(report).encode())
        click.echo(request.html)
        return 0
    if request.object is not None:
        return _objects(report, request.object)
    if request.of_class is not None:
        return _methods(report, request.of_class)
    if request.why is not None:
        return print_why(report, request.why)
    from introspect_export.inspect.terminal_text import View, render

    show(render(report, View(request.depth, request.section, request.grep, request.params, request.args)))
    return 0


def _inspect(request: InspectOptions, options: dict[str, Any], step: Callable[[str], None]) -> Any:
    step('importing torch and mmengine')
    from introspect_export.inspect import inspect_config

    return inspect_config(
        request.config,
        options=options,
        intern=request.intern,
        extern=request.extern,
        model_only=request.model_only,
        progress=step,
    )


def _objects(report: Any, path: str) -> int:
    from introspect_export.cli.summary import show
    from introspect_export.inspect.object_detail import describe

    found = report.find(path)
    for index, item in enumerate(found):
        if index:
            click.echo()
        show(describe(item))
    if not found:
        click.echo(f'error: no object at {path}; --grep finds one by a part of its path', err=True)
    return 0 if found else FAILED


def _methods(report: Any, name: str) -> int:
    from introspect_export.cli.summary import show
    from introspect_export.inspect.method_text import describe_methods

    tables = report.methods(name)
    for table in tables:
        show(describe_methods(table))
    if not tables:
        click.echo(f'error: no object of {report.config} has a class {name} among its ancestors', err=True)
    return 0 if tables else FAILED
