"""The full description of one object, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from introspect_export.inspect.findings import Item
from introspect_export.inspect.shown_paths import shown
from introspect_export.inspect.terminal_text import UNKNOWN, argument_line, made, tensor_text


def describe(item: Item) -> RenderableType:
    """A renderable with all facts about one object."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style='cyan', no_wrap=True)
    table.add_column(overflow='fold')
    for name, value in _rows(item):
        table.add_row(name, value)
    parts: list[RenderableType] = [Text(item.path, 'bold'), table]
    if not item.known:
        parts.append(Text(UNKNOWN, 'cyan'))
    if item.arguments:
        parts += [Text('arguments', 'cyan'), *(Text('  ') + argument_line(each) for each in item.arguments)]
    if item.tensors:
        parts.append(Text('tensors', 'cyan'))
        parts += [Text(f'  {tensor_text(each)}') for each in item.tensors]
    return Group(*parts)


def _rows(item: Item) -> Iterator[tuple[str, str]]:
    yield 'class', str(item.symbol)
    if item.registry:
        yield 'name', item.name
    yield 'defined', shown(item.place) or 'not in a Python file'
    yield 'chain', item.chain_text
    yield 'made', made(item) + (f', at {shown(item.made_at)}' if item.made_at is not None else '')
    if item.config_path:
        yield 'config', item.config_path
    if item.rule:
        yield 'scopes', item.rule
    yield 'parameters', f'{item.parameters:,} ({item.own_parameters:,} own)'
    yield 'in buffers', f'{item.buffers:,} ({item.own_buffers:,} own)'
