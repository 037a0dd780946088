"""``introspect-export CONFIG``."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from typing import Any, Callable

import click

from introspect_export.cli.errors import FAILED, guarded
from introspect_export.cli.noise import contained
from introspect_export.cli.options import SpreadingCommand, parse
from introspect_export.cli.progress import progress
from introspect_export.result import ExportResult
from introspect_export.stages import STAGES
from introspect_export.verify.facts import LEVELS

EXAMPLES = """\b
Examples:
  introspect-export mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py
  introspect-export configs/my_detector.py -o my_pack --force
  introspect-export mmseg::pspnet/pspnet_r50-d8_4xb2-40k_cityscapes-512x1024.py --model-only
  introspect-export my.py --cfg-options model.backbone.depth=18 train_dataloader.batch_size=4
  introspect-export my.py --intern my_layers --extern mmpretrain
  introspect-export verify my_pack
"""
_CLASS = 'MODULE:CLASS'


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    config: str
    out: str | None
    force: bool
    model_only: bool
    cfg_options: tuple[str, ...]
    intern: tuple[str, ...]
    extern: tuple[str, ...]
    flatten: str
    keep: tuple[str, ...]
    until: tuple[str, ...]
    inline: bool
    data_root: tuple[str, ...]
    verify: str
    no_verify: bool
    dump: str | None
    quiet: bool
    verbose: bool
    as_json: bool

    @property
    def command(self) -> str:
        """The command line, as far as it decides what the package holds: not where it goes or what is printed."""
        words = ['introspect-export', self.config]
        words += ['--model-only'] if self.model_only else []
        words += ['--cfg-options', *self.cfg_options] if self.cfg_options else []
        words += ['--flatten', self.flatten] if self.flatten != 'observed' else []
        words += ['--inline'] if self.inline else []
        for option, values in (
            ('intern', self.intern),
            ('extern', self.extern),
            ('keep', self.keep),
            ('until', self.until),
            ('data-root', self.data_root),
        ):
            words += [word for value in values for word in (f'--{option}', value)]
        return shlex.join(words)


@click.command(cls=SpreadingCommand, epilog=EXAMPLES, short_help='Export a config (the default command).')
@click.argument('config', type=click.Path())
@click.option(
    '-o',
    '--out',
    type=click.Path(),
    metavar='FOLDER',
    help='Where to write. [default: pack_from_<repo>_<YYYYmmdd_HHMMSS>]',
)
@click.option('--force', is_flag=True, help='Replace a package that is there.')
@click.option('--model-only', is_flag=True, help='Leave everything but the model out.')
@click.option(
    '--cfg-options',
    multiple=True,
    metavar='KEY=VALUE...',
    help='Change the config before it is exported: model.backbone.depth=18 key="[(1,2),(3,4)]".',
)
@click.option('--intern', multiple=True, metavar='PACKAGE', help="Pull this package's code in. Repeatable.")
@click.option('--extern', multiple=True, metavar='PACKAGE', help='Leave this package an import. Repeatable.')
@click.option(
    '--flatten',
    type=click.Choice(['observed', 'all', 'none']),
    default='observed',
    show_default=True,
    help='Which classes get the methods they inherit written into them: those that the config builds, all, none.',
)
@click.option('--keep', multiple=True, metavar=_CLASS, help='Leave the bases of this class as they are. Repeatable.')
@click.option('--until', multiple=True, metavar=_CLASS, help='Flatten up to this ancestor only. Repeatable.')
@click.option('--inline', is_flag=True, help="Write a parent's method out where one statement calls it.")
@click.option(
    '--data-root',
    multiple=True,
    metavar='OLD=NEW',
    help='Data paths below OLD are below NEW in the package. Repeatable.',
)
@click.option(
    '--verify',
    type=click.Choice(LEVELS),
    default='build',
    show_default=True,
    help='How far to check the package where its origins are blocked; see `introspect-export verify --help`.',
)
@click.option('--no-verify', is_flag=True, help='Do not check the package.')
@click.option('--dump', type=click.Choice(STAGES), metavar='STAGE', help='For developers: print what a stage returned.')
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print errors only.')
@click.option('-v', '--verbose', is_flag=True, help='Print every step, every diagnostic and what the libraries say.')
@click.pass_context
def export(ctx: click.Context, /, **values: Any) -> None:
    """Export what CONFIG builds as a package that stands alone.

    CONFIG is a file, or repo::path for a config that an installed package carries.
    """
    request = Request(**values)
    if request.quiet and request.verbose:
        raise click.UsageError('--quiet and --verbose exclude each other', ctx)
    if request.as_json and request.dump:
        raise click.UsageError('--json and --dump both write to standard output', ctx)
    if any('=' not in each for each in request.data_root):
        raise click.UsageError('--data-root takes OLD=NEW', ctx)
    ctx.exit(guarded(lambda: run(request), request.as_json, request.verbose))


def run(request: Request) -> int:
    """Export, and say what came of it; the exit status."""
    options = parse(request.cfg_options)
    output = sys.stdout

    def dump(stage: str, value: Any) -> None:
        if stage == request.dump:
            from rich.pretty import pretty_repr

            print(pretty_repr(value, max_width=120, max_string=2000), file=output, flush=True)

    with progress(request.quiet or request.as_json, request.verbose) as tell, contained(request.verbose):
        result = _export(request, options, tell, dump if request.dump else None)
    if request.as_json:
        click.echo(json.dumps(result.to_json(), indent=2))
    elif not request.quiet:
        from introspect_export.cli.report import show, summary

        show(summary(result, request.verbose))
    if not result.ok and (request.quiet or request.as_json):
        problems = result.verification.problems if result.verification is not None else ()
        click.echo('\n'.join(['the package was written, but it does not hold up:', *problems]), err=True)
    return 0 if result.ok else FAILED


def _export(
    request: Request, options: dict[str, Any], tell: Callable[[str], None], dump: Callable[[str, Any], None] | None
) -> ExportResult:
    tell('importing torch and mmengine')
    from introspect_export.api import export as library_call

    return library_call(
        request.config,
        request.out,
        force=request.force,
        model_only=request.model_only,
        options=options,
        intern=request.intern,
        extern=request.extern,
        flatten=request.flatten,
        keep=request.keep,
        until=request.until,
        inline=request.inline,
        data_roots=dict(each.split('=', 1) for each in request.data_root),
        verify=None if request.no_verify else request.verify,
        command=request.command,
        progress=tell,
        dump=dump,
    )
