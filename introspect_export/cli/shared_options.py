"""Options that several commands share.

``--cfg-options KEY=VALUE …`` works as in mmengine's tools: one option takes any number of values.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from introspect_export.verify.verify_facts import LEVELS

NAME = '--cfg-options'
_PAIR = re.compile(r'[\w.]+=')


def repeat_cfg_options(arguments: Sequence[str]) -> list[str]:
    """Repeat the option before each of its values: ``--cfg-options a=1 b=2`` is two options with a value each.

    Only arguments of the form ``key=…`` are values, so the config may follow them.
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
    """Parse overrides as mmengine's tools do: numbers, booleans, None, lists and tuples.

    Raises:
        click.BadParameter: An override is not ``key=value``, or its brackets are not balanced.
    """
    from mmengine.config import DictAction

    for pair in pairs:
        if not _PAIR.match(pair):
            raise click.BadParameter(f'{pair!r} is not KEY=VALUE', param_hint=NAME)
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument('options', nargs='*', action=DictAction)
    try:
        options: dict[str, Any] = parser.parse_args(['--', *pairs]).options if pairs else {}
    except AssertionError as error:
        # ``DictAction`` asserts that brackets are balanced.
        raise click.BadParameter(str(error), param_hint=NAME) from error
    return options


class CfgOptionsCommand(click.Command):
    """A command with ``--cfg-options``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat ``--cfg-options`` before each of its values, as click requires."""
        return super().parse_args(ctx, repeat_cfg_options(args))


def verify_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--verify LEVEL`` and ``--no-verify`` to a command that writes packages."""
    level = click.option(
        '--verify',
        type=click.Choice(LEVELS),
        default='build',
        show_default=True,
        help='How far to verify the package with its origins blocked; see `introspect-export verify --help`.',
    )
    return level(click.option('--no-verify', is_flag=True, help='Do not verify.')(command))
