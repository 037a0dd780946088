"""``introspect-export completion SHELL``."""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import get_completion_class

VARIABLE = '_INTROSPECT_EXPORT_COMPLETE'
SHELLS = ('bash', 'zsh', 'fish')


@click.command(short_help="Print a shell's completion script.")
@click.argument('shell', type=click.Choice(SHELLS), required=False)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    r"""Print the completion script of SHELL, by default of the one in $SHELL.

    \b
    bash:  eval "$(introspect-export completion bash)"     in ~/.bashrc
    zsh:   eval "$(introspect-export completion zsh)"      in ~/.zshrc
    fish:  introspect-export completion fish > ~/.config/fish/completions/introspect-export.fish
    """
    name = shell or os.path.basename(os.environ.get('SHELL', ''))
    maker = get_completion_class(name)
    if maker is None:
        raise click.UsageError(f'name a shell: {", ".join(SHELLS)}', ctx)
    root: Any = ctx.find_root()
    click.echo(maker(root.command, {}, root.info_name, VARIABLE).source())
