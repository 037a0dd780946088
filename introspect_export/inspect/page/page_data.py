"""The data for the page's script: the report, with repeated arguments and classes stored once, in tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from introspect_export.inspect.methods import Member, MethodDefinition, method_table
from introspect_export.inspect.object_tree import tree_of
from introspect_export.inspect.shown_paths import shown
from introspect_export.inspect.terminal_text import UNKNOWN, made, sources, tensor_text, unread_text
from introspect_export.linearize import linearize
from introspect_export.linearize.global_names import world_binding
from introspect_export.linearize.render import render
from introspect_export.model import Chain, FlatClass, Symbol
from introspect_export.read.origin_modules import SourceTree

if TYPE_CHECKING:
    from introspect_export.inspect.findings import Argument, Branch, Findings, Item


def page_data(report: Findings, *, source: bool) -> dict[str, Any]:
    """The report as data for the script.

    Args:
        report: The report.
        source: Whether to include the flattened source of every class.
    """
    classes = _Classes(report, source)
    arguments = _Arguments()
    rows = [row for branch in tree_of(report.items) for row in _rows(branch, -1, classes, arguments)]
    # Rows refer to their parent by index, which is known only when all rows are in one list.
    numbers: dict[str, int] = {row['path']: index for index, row in enumerate(rows)}
    for row in rows:
        row['up'] = numbers.get(row['up'], -1)
    return {
        'rows': rows,
        'arguments': arguments.table,
        'classes': classes.table,
        'unbuilt': [[each.path, each.reason] for each in report.sections if not each.built],
        'notes': [*report.notes, *(f'{each.config_path}: {unread_text(each)}' for _, each in report.unread)],
    }


def _rows(branch: Branch, up: Any, classes: _Classes, arguments: _Arguments) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] = {'path': branch.path, 'label': branch.label, 'up': up}
    if branch.item is not None:
        row.update(_item(branch.item, classes, arguments))
    yield row
    for each in branch.branches:
        yield from _rows(each, branch.path, classes, arguments)


def _item(item: Item, classes: _Classes, arguments: _Arguments) -> dict[str, Any]:
    found: dict[str, Any] = {
        'name': item.name,
        'class': classes.number(item.symbol),
        'made': made(item),
        'at': shown(item.made_at),
        'config': item.config_path,
        'rule': item.rule,
        'own': item.own_parameters,
        'total': item.parameters,
        'buffers': item.buffers,
        'arguments': [arguments.number(each) for each in item.arguments],
        'unknown': '' if item.known else UNKNOWN,
        'tensors': [tensor_text(each) for each in item.tensors],
    }
    return {key: value for key, value in found.items() if value or key == 'class'}


class _Arguments:
    """The table of distinct arguments: many objects have the same ones."""

    def __init__(self) -> None:
        self.table: list[list[str]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, argument: Argument) -> int:
        unread = unread_text(argument) if argument.unread and argument.source == 'config' else ''
        key = (argument.name, argument.text, argument.source, '\n'.join(sources(argument)), unread)
        if key not in self._numbers:
            self._numbers[key] = len(self.table)
            self.table.append(list(key))
        return self._numbers[key]


class _Classes:
    """The table of distinct classes of objects."""

    def __init__(self, report: Findings, source: bool) -> None:
        self.table: list[dict[str, Any]] = []
        self._numbers: dict[Symbol, int] = {}
        self._world = report.observation.world
        self._views = report.classes
        self._modules = SourceTree(self._world)
        self._source = source

    def number(self, symbol: Symbol) -> int:
        if symbol not in self._numbers:
            self._numbers[symbol] = len(self.table)
            self.table.append(self._describe(symbol))
        return self._numbers[symbol]

    def _describe(self, symbol: Symbol) -> dict[str, Any]:
        view = self._views[symbol]
        chain = self._world.chain(symbol)
        described: dict[str, Any] = {
            'symbol': str(symbol),
            'place': shown(view.place),
            'chain': [[each.name, each.module, self._world.is_origin(each.module)] for each in view.ancestry],
        }
        if view.origin and chain is not None:
            table = method_table(chain, self._world)
            described['members'] = [_member(each) for each in table.members]
            if self._source:
                described['flat'] = self._flat(chain)
        return described

    def _flat(self, chain: Chain) -> dict[str, Any] | None:
        flat = linearize(chain, self._modules, world_binding(self._world))
        if not flat.pieces:
            return None
        text = render(flat.pieces, self._modules)
        return {
            'merged': [each.name for each in flat.merged],
            'bases': [each.name for each in flat.bases],
            'lines': text.count('\n') + 1,
            'notes': [each.message for each in flat.diagnostics],
            'html': highlight(text, PythonLexer(), HtmlFormatter(nowrap=True)),
            'owners': _owners(flat),
        }


def _owners(flat: FlatClass) -> dict[str, str]:
    return {each.name: each.owner.name for each in flat.members}


def _member(member: Member) -> list[Any]:
    return [member.name, member.kind, [_definition(each) for each in member.definitions]]


def _definition(definition: MethodDefinition) -> list[Any]:
    return [definition.owner.name, shown(definition.place), definition.state, list(definition.callers)]
