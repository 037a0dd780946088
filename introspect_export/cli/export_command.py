"""``introspect-export CONFIG``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from introspect_export.cli.error_reporting import FAILED, run_guarded
from introspect_export.cli.output_capture import captured_output
from introspect_export.cli.package_options import PackageOptions, package_options
from introspect_export.cli.progress_display import progress
from introspect_export.cli.shared_options import CfgOptionsCommand, verify_options
from introspect_export.export_result import ExportResult
from introspect_export.stages import STAGES

EXAMPLES = """\b
Examples:
  introspect-export mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py
  introspect-export configs/my_detector.py -o my_pack --force
  introspect-export mmseg::pspnet/pspnet_r50-d8_4xb2-40k_cityscapes-512x1024.py --model-only
  introspect-export my.py --cfg-options model.backbone.depth=18 train_dataloader.batch_size=4
  introspect-export my.py --intern my_layers --extern mmpretrain
  introspect-export verify my_pack
"""


@dataclass(frozen=True)
class ExportOptions(PackageOptions):
    """The options of the command."""

    config: str
    out: str | None
    force: bool
    verify: str
    no_verify: bool
    dump: str | None
    quiet: bool
    verbose: bool
    as_json: bool


@click.command(cls=CfgOptionsCommand, epilog=EXAMPLES, short_help='Export a config (the default command).')
@click.argument('config', type=click.Path())
@click.option(
    '-o',
    '--out',
    type=click.Path(),
    metavar='FOLDER',
    help='Where to write. [default: pack_from_<repo>_<YYYYmmdd_HHMMSS>]',
)
@click.option('--force', is_flag=True, help='Replace an existing package, unless files in it were added or changed.')
@package_options
@verify_options
@click.option('--dump', type=click.Choice(STAGES), metavar='STAGE', help='For developers: print the result of a stage.')
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON, and nothing else.')
@click.option('-q', '--quiet', is_flag=True, help='Print errors only.')
@click.option(
    '-v', '--verbose', is_flag=True, help='Print every step, every diagnostic and the output of the libraries.'
)
@click.pass_context
def export(ctx: click.Context, /, **values: Any) -> None:
    """Export what CONFIG builds as a package that stands alone.

    CONFIG is a file, or repo::path for a config of an installed package.
    """
    request = ExportOptions(**values)
    if request.quiet and request.verbose:
        raise click.UsageError('--quiet and --verbose exclude each other', ctx)
    if request.as_json and request.dump:
        raise click.UsageError('--json and --dump both write to standard output', ctx)
    ctx.exit(run_guarded(lambda: run(request), request.as_json, request.verbose))


def run(request: ExportOptions) -> int:
    """Export, and print the result; the exit status."""
    keywords = request.keywords()
    output = sys.stdout

    def dump(stage: str, value: Any) -> None:
        if stage == request.dump:
            from rich.pretty import pretty_repr

            print(pretty_repr(value, max_width=120, max_string=2000), file=output, flush=True)

    with progress(request.quiet or request.as_json, request.verbose) as step, captured_output(request.verbose):
        result = _export(request, keywords, step, dump if request.dump else None)
    if request.as_json:
        click.echo(json.dumps(result.to_json(), indent=2))
    elif not request.quiet:
        from introspect_export.cli.summary import show, summary

        show(summary(result, request.verbose))
    if not result.ok and (request.quiet or request.as_json):
        problems = result.verification.problems if result.verification is not None else ()
        click.echo('\n'.join(['the package was written, but verification failed:', *problems]), err=True)
    return 0 if result.ok else FAILED


def _export(
    request: ExportOptions,
    keywords: dict[str, Any],
    step: Callable[[str], None],
    dump: Callable[[str, Any], None] | None,
) -> ExportResult:
    step('importing torch and mmengine')
    from introspect_export.api import export as library_call

    return library_call(
        request.config,
        request.out,
        force=request.force,
        verify=None if request.no_verify else request.verify,
        command=request.command_for(request.config),
        progress=step,
        dump=dump,
        **keywords,
    )
