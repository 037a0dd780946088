"""The entry point: the group of commands, and how the process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from introspect_export._version import __version__
from introspect_export.cli.batch_command import batch
from introspect_export.cli.completion_command import completion
from introspect_export.cli.default_group import DefaultGroup
from introspect_export.cli.diff_command import diff
from introspect_export.cli.export_command import EXAMPLES, export
from introspect_export.cli.fast_test_command import fast_test
from introspect_export.cli.flatten_command import flatten
from introspect_export.cli.inspect_command import inspect
from introspect_export.cli.termination import interrupted_status, terminable
from introspect_export.cli.verify_command import verify
from introspect_export.cli.why_command import why

PROGRAM = 'introspect-export'
_SETTINGS = {'help_option_names': ['-h', '--help'], 'max_content_width': 110}


@click.group(cls=DefaultGroup, default='export', context_settings=_SETTINGS, epilog=EXAMPLES)
@click.version_option(__version__, '--version', prog_name='introspect_export', message='%(prog)s %(version)s')
def group() -> None:
    """Take what an mmengine config really builds, and nothing else, as a package that stands alone.

    CONFIG is a file, or repo::path for a config of an installed package.
    """


for _command in (export, batch, inspect, flatten, diff, why, verify, fast_test, completion):
    group.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The arguments without the program's name; by default those of the process.

    Returns:
        The exit status: 0; 1 for an error of the user, or a package whose verification fails; 2 for wrong usage; 70
        for an error of this program; 130 when interrupted, 143 by SIGTERM, 129 by SIGHUP.
    """
    try:
        given = None if arguments is None else list(arguments)
        with terminable():
            status = group.main(args=given, prog_name=PROGRAM, standalone_mode=False)
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as error:  # click converts the former to the latter.
        click.echo('interrupted', err=True)
        return interrupted_status(error.__cause__ or error)
    except BrokenPipeError:
        # The flush at interpreter exit would raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return status if isinstance(status, int) else 0
