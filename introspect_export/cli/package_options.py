"""The options for the content of a package, shared by the commands that write packages."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from introspect_export.cli.shared_options import parse

_CLASS = 'MODULE:CLASS'
_OPTIONS = (
    click.option('--model-only', is_flag=True, help='Export the model only.'),
    click.option(
        '--cfg-options',
        multiple=True,
        metavar='KEY=VALUE...',
        help='Change the config before it is exported: model.backbone.depth=18 key="[(1,2),(3,4)]".',
    ),
    click.option('--intern', multiple=True, metavar='PACKAGE', help="Export this package's code. Repeatable."),
    click.option('--extern', multiple=True, metavar='PACKAGE', help='Import this package as a library. Repeatable.'),
    click.option(
        '--substitute',
        multiple=True,
        metavar='FILE',
        help='Replace modules by others, as a TOML file says, or one that comes with the program: mmcv, with portable '
        'operators for its compiled ones. Repeatable.',
    ),
    click.option(
        '--flatten',
        type=click.Choice(['observed', 'all', 'none']),
        default='observed',
        show_default=True,
        help='Which classes to merge with their ancestors: those that the config builds, all, none.',
    ),
    click.option('--keep', multiple=True, metavar=_CLASS, help='Do not change the bases of this class. Repeatable.'),
    click.option('--until', multiple=True, metavar=_CLASS, help='Flatten up to this ancestor only. Repeatable.'),
    click.option('--inline', is_flag=True, help="Inline a parent's method where a single statement calls it."),
    click.option(
        '--device',
        type=click.Choice(['auto', 'cpu', 'meta']),
        default='auto',
        show_default=True,
        help='Build large tensors without memory (meta), with memory (cpu), or with memory if there is enough.',
    ),
    click.option(
        '--data-root',
        multiple=True,
        metavar='OLD=NEW',
        help='Replace OLD by NEW at the beginning of data paths. Repeatable.',
    ),
)


def package_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class PackageOptions:
    """The values of the options."""

    model_only: bool
    cfg_options: tuple[str, ...]
    intern: tuple[str, ...]
    extern: tuple[str, ...]
    substitute: tuple[str, ...]
    flatten: str
    keep: tuple[str, ...]
    until: tuple[str, ...]
    inline: bool
    device: str
    data_root: tuple[str, ...]

    def __post_init__(self) -> None:
        if any('=' not in each for each in self.data_root):
            raise click.UsageError('--data-root takes OLD=NEW')

    def command_for(self, config: str) -> str:
        """The command line with the options that affect the content of a package, for its manifest."""
        words = ['introspect-export', config]
        words += ['--model-only'] if self.model_only else []
        words += ['--cfg-options', *self.cfg_options] if self.cfg_options else []
        words += ['--flatten', self.flatten] if self.flatten != 'observed' else []
        words += ['--inline'] if self.inline else []
        for option, values in (
            ('intern', self.intern),
            ('extern', self.extern),
            ('substitute', self.substitute),
            ('keep', self.keep),
            ('until', self.until),
            ('data-root', self.data_root),
        ):
            words += [word for value in values for word in (f'--{option}', value)]
        return shlex.join(words)

    def keywords(self) -> dict[str, Any]:
        """The options as arguments of the library functions."""
        return {
            'model_only': self.model_only,
            'options': parse(self.cfg_options),
            'intern': self.intern,
            'extern': self.extern,
            'substitute': self.substitute,
            'flatten': self.flatten,
            'keep': self.keep,
            'until': self.until,
            'inline': self.inline,
            'device': self.device,
            'data_roots': dict(each.split('=', 1) for each in self.data_root),
        }
