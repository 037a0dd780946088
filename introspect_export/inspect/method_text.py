"""The method table for a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from introspect_export.inspect.methods import Member, MethodDefinition, MethodTable
from introspect_export.inspect.shown_paths import shown


def describe_methods(table: MethodTable) -> RenderableType:
    """A renderable table of members, grouped by the class whose definition runs."""
    parts: list[RenderableType] = [
        Text.assemble((str(table.symbol), 'bold green'), '  ', (shown(table.place), 'cyan')),
        Text('  ' + ' -> '.join(each.name for each in table.chain)),
    ]
    for owner in table.chain:
        members = [each for each in table.members if each.owner == owner]
        if members:
            parts.append(Text(f'\nfrom {owner.name} ({owner.module})', 'bold'))
            parts += [_row(each) for each in members]
    return Group(*parts)


def _row(member: Member) -> Text:
    first, *rest = member.definitions
    line = Text.assemble('  ', (member.name, 'yellow'), f'  {member.kind}  ', (shown(first.place), 'cyan'))
    for definition in rest:
        line.append(f'\n      {_words(definition)}', 'dim' if definition.state == 'super' else 'dim red')
    return line


def _words(definition: MethodDefinition) -> str:
    where = f' ({shown(definition.place)})' if definition.place is not None else ''
    if definition.state == 'super':
        return f'overrides {definition.owner.name}{where}, which {", ".join(definition.callers)} calls'
    return f'shadows {definition.owner.name}{where}, which nothing calls'
