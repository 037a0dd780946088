"""Options that several commands share.

``--cfg-options KEY=VALUE …`` is as mmengine's tools take it: any number of values after one option.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from introspect_export.verify.facts import LEVELS

NAME = '--cfg-options'
_PAIR = re.compile(r'[\w.]+=')


def spread(arguments: Sequence[str]) -> list[str]:
    """Repeat the option before each of its values: ``--cfg-options a=1 b=2`` is two options with a value each.

    A value is what looks like ``key=…``, so the config may follow the values.
    """
    result: list[str] = []
    values = False
    for index, argument in enumerate(arguments):
        if argument == '--':
            return [*result, *arguments[index:]]
        if values and _PAIR.match(argument) and result[-1] != NAME:
            result.append(NAME)
        elif result and result[-1] != NAME:
            values = False
        result.append(argument)
        values = values or argument == NAME
    return result


def parse(pairs: Sequence[str]) -> dict[str, Any]:
    """The overrides, parsed as mmengine's tools parse them: numbers, booleans, None, lists and tuples."""
    from mmengine.config import DictAction

    for pair in pairs:
        if not _PAIR.match(pair):
            raise click.BadParameter(f'{pair!r} is not KEY=VALUE', param_hint=NAME)
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument('options', nargs='*', action=DictAction)
    try:
        options: dict[str, Any] = parser.parse_args(['--', *pairs]).options if pairs else {}
    except AssertionError as error:
        # That is how it says that brackets are not balanced.
        raise click.BadParameter(str(error), param_hint=NAME) from error
    return options


class SpreadingCommand(click.Command):
    """A command with ``--cfg-options``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each value an option of its own, which is what click can parse."""
        return super().parse_args(ctx, spread(args))


def checking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that writes packages ``--verify LEVEL`` and ``--no-verify``."""
    level = click.option(
        '--verify',
        type=click.Choice(LEVELS),
        default='build',
        show_default=True,
        help='How far to check a package where its origins are blocked; see `introspect-export verify --help`.',
    )
    return level(click.option('--no-verify', is_flag=True, help='Check nothing.')(command))
