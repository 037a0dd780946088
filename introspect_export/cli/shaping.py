"""The options that decide what a package holds, for every command that writes packages."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from introspect_export.cli.options import parse

_CLASS = 'MODULE:CLASS'
_OPTIONS = (
    click.option('--model-only', is_flag=True, help='Leave everything but the model out.'),
    click.option(
        '--cfg-options',
        multiple=True,
        metavar='KEY=VALUE...',
        help='Change the config before it is exported: model.backbone.depth=18 key="[(1,2),(3,4)]".',
    ),
    click.option('--intern', multiple=True, metavar='PACKAGE', help="Pull this package's code in. Repeatable."),
    click.option('--extern', multiple=True, metavar='PACKAGE', help='Leave this package an import. Repeatable.'),
    click.option(
        '--flatten',
        type=click.Choice(['observed', 'all', 'none']),
        default='observed',
        show_default=True,
        help='Which classes get the methods they inherit written into them: those that the config builds, all, none.',
    ),
    click.option(
        '--keep', multiple=True, metavar=_CLASS, help='Leave the bases of this class as they are. Repeatable.'
    ),
    click.option('--until', multiple=True, metavar=_CLASS, help='Flatten up to this ancestor only. Repeatable.'),
    click.option('--inline', is_flag=True, help="Write a parent's method out where one statement calls it."),
    click.option(
        '--device',
        type=click.Choice(['auto', 'cpu', 'meta']),
        default='auto',
        show_default=True,
        help='Build without the memory of large tensors (meta), with it (cpu), or with it while there is enough.',
    ),
    click.option(
        '--data-root',
        multiple=True,
        metavar='OLD=NEW',
        help='Data paths below OLD are below NEW in the package. Repeatable.',
    ),
)


def shaping(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Shape:
    """What the command line asked a package to hold; the fields are the options."""

    model_only: bool
    cfg_options: tuple[str, ...]
    intern: tuple[str, ...]
    extern: tuple[str, ...]
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
        """The command line, as far as it decides what a package holds: not where it goes or what is printed."""
        words = ['introspect-export', config]
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

    def keywords(self) -> dict[str, Any]:
        """The options as the library call takes them."""
        return {
            'model_only': self.model_only,
            'options': parse(self.cfg_options),
            'intern': self.intern,
            'extern': self.extern,
            'flatten': self.flatten,
            'keep': self.keep,
            'until': self.until,
            'inline': self.inline,
            'device': self.device,
            'data_roots': dict(each.split('=', 1) for each in self.data_root),
        }
