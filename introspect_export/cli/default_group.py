"""A group of commands with a default command."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem


class DefaultGroup(click.Group):
    """A group that runs its default command if the first argument names no command.

    Args:
        default: The name of the default command.
        kwargs: The arguments of ``click.Group``.
    """

    def __init__(self, *, default: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command before an option that is not the group's."""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0].startswith('-') and args[0] not in own:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names, or the default one."""
        if args and self.get_command(ctx, args[0]) is None:
            args = [self.default, *args]
        return super().resolve_command(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the usage of the default command and of the others."""
        formatter.write_usage(ctx.command_path, 'CONFIG [OPTIONS]')
        formatter.write_usage(ctx.command_path, 'COMMAND [ARGUMENTS] ...', prefix='       ')

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the default command's options too."""
        default = self.get_command(ctx, self.default)
        if default is not None:
            options = [one for one in default.get_params(ctx) if isinstance(one, click.Option)]
            records = [option.get_help_record(ctx) for option in options]
            with formatter.section('Options'):
                formatter.write_dl([record for record in records if record is not None and record[0] != '-h, --help'])
        with formatter.section('Other options'):
            own = [option.get_help_record(ctx) for option in self.get_params(ctx)]
            formatter.write_dl([record for record in own if record is not None])
        self.format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete commands, and files for the default command."""
        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type='file')]
