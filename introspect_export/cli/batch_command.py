"""``introspect-export batch PATTERN…``."""

from __future__ import annotations

import contextlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from introspect_export.cli.error_reporting import FAILED, run_guarded
from introspect_export.cli.package_options import PackageOptions, package_options
from introspect_export.cli.shared_options import CfgOptionsCommand, verify_options

if TYPE_CHECKING:
    from introspect_export.batch.jobs import BatchResult, Record

_EXAMPLES = """\b
Examples:
  introspect-export batch 'mmdet::**' -o zoo --jobs 8
  introspect-export batch 'mmdet::gn+ws/*' mmseg::pspnet/pspnet_r50-d8_4xb2-40k_cityscapes-512x1024.py -o zoo
  introspect-export batch names.txt -o zoo --retry
"""
_LONGEST = 160
_MIB = 1 << 20


@click.command(cls=CfgOptionsCommand, epilog=_EXAMPLES, short_help='Export many configs.')
@click.argument('patterns', nargs=-1, required=True, metavar='PATTERN...')
@click.option('-o', '--out', type=click.Path(path_type=Path), required=True, metavar='FOLDER', help='Where to write.')
@click.option('-j', '--jobs', type=click.IntRange(1), metavar='N', help='How many at a time. [default: processors]')
@click.option('--dask', metavar='ADDRESS', help='Hand the work to the workers of this dask.distributed scheduler.')
@click.option(
    '--shared',
    is_flag=True,
    help='Export the configs of each library as one package, with one copy of their common code.',
)
@click.option('--retry', is_flag=True, help='Repeat the failed exports of earlier runs.')
@click.option('--force', is_flag=True, help='Repeat the exports of earlier runs.')
@click.option(
    '--timeout',
    type=click.FloatRange(0, min_open=True),
    default=900.0,
    show_default=True,
    metavar='SECONDS',
    help='Give up a config after this time.',
)
@package_options
@verify_options
@click.option('--json', 'as_json', is_flag=True, help='Print the summary as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print failures only.')
@click.option('-v', '--verbose', is_flag=True, help='Print the traceback of each failure.')
@click.pass_context
def batch(
    ctx: click.Context,
    /,
    patterns: tuple[str, ...],
    out: Path,
    jobs: int | None,
    dask: str | None,
    shared: bool,
    retry: bool,
    force: bool,
    timeout: float,
    verify: str,
    no_verify: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **shape: Any,
) -> None:
    """Export every config that PATTERN matches, each as a package of its own in FOLDER.

    PATTERN is a config; repo::pattern or path/pattern, where * and ** match names and folders (_base_ folders are
    skipped); a folder; or a text file with any of these, one a line.

    The libraries are imported once; each config is exported in a process forked from there. A failure does not affect
    other configs. The same command resumes an interrupted run. The exit status is 1 if a config failed.

    With --dask, workers must see FOLDER and the libraries at the same paths.
    """
    if dask is not None and jobs is not None:
        raise click.UsageError('--jobs and --dask exclude each other: the cluster has a number of workers', ctx)
    package = PackageOptions(**shape)

    def action() -> int:
        from introspect_export.batch.dask_cluster import cluster
        from introspect_export.batch.scheduling import batch as library_call

        with _record_printer(quiet or as_json, verbose) as listener, cluster(dask) as executor:
            result = library_call(
                patterns,
                out,
                jobs=jobs,
                executor=executor,
                verify=None if no_verify else verify,
                force=force,
                retry=retry,
                shared=shared,
                timeout=timeout,
                commands=package.command_for,
                listener=listener,
                **package.keywords(),
            )
        if as_json:
            click.echo(json.dumps(result.to_json(), indent=2))
        elif not (quiet and result.ok):
            from introspect_export.cli.summary import show

            show(_summary(result))
        return 0 if result.ok else FAILED

    ctx.exit(run_guarded(action, as_json, verbose))


@contextlib.contextmanager
def _record_printer(quiet: bool, verbose: bool) -> Iterator[Callable[[Record, int, int], None] | None]:
    """Print the records: a progress bar with the failures above it on a terminal, else a line for each; or None."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield lambda record, count, total: click.echo(_line(record, count, total, verbose), err=True)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Remaining

        console = Console(stderr=True, markup=False, highlight=False, emoji=False)
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Remaining(),
            TextColumn('{task.description}'),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task('importing the libraries', total=None)

            def listener(record: Record, count: int, total: int) -> None:
                bar.update(task, completed=count, total=total, description=record.config)
                if not record.ok:
                    bar.console.print(_line(record, count, total, verbose))

            yield listener


def _line(record: Record, count: int, total: int, verbose: bool) -> str:
    head = f'[{count:>{len(str(total))}}/{total}]'
    if record.ok:
        return f'{head} ok      {record.config}  {record.seconds:.1f} s'
    text = f'{head} FAILED  {record.config}  {record.kind}: {_short(record.reason)}'
    return f'{text}\n{record.trace}' if verbose and record.trace else text


def _short(reason: str) -> str:
    first = (reason.splitlines() or [''])[0]
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + '…'


def _summary(result: BatchResult) -> Any:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    facts = result.to_json()
    table = Table.grid(padding=(0, 2))
    table.add_column(style='cyan', no_wrap=True)
    table.add_column(overflow='fold')
    resumed = f' ({result.resumed} of them by earlier runs)' if result.resumed else ''
    table.add_row('folder', str(result.out))
    table.add_row('configs', f'{facts["configs"]}{resumed}')
    table.add_row('exported', f'{facts["exported"]}, with {facts["lines"]:,} lines')
    table.add_row('failed', str(len(result.failed)))
    table.add_row('time', f'{result.seconds:.1f} s; {facts["cpu"]:.1f} s of CPU time in the workers')
    table.add_row('memory', f'{facts["memory"] // _MIB:,} MiB at most in one worker')
    parts: list[Any] = [table]
    if result.failed:
        reasons = Counter(f'{one.kind}: {_short(one.reason)}' for one in result.failed)
        failed = Table.grid(padding=(0, 2))
        for reason, count in reasons.most_common():
            example = next(one for one in result.failed if f'{one.kind}: {_short(one.reason)}' == reason)
            failed.add_row(f'{count}x', Text(reason), example.config)
        parts += [Text(), Text('Failures, with the first config of each kind', 'bold red'), failed]
    return Group(*parts)
