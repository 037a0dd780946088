"""The report for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from introspect_export.inspect.findings import Argument, Branch, Findings, Item
from introspect_export.inspect.object_tree import tree_of
from introspect_export.inspect.settings import Setting
from introspect_export.inspect.shown_paths import short_function, shown
from introspect_export.model import TensorFacts

_LONGEST = 100
_ENDLESS = 10_000
UNKNOWN = 'arguments not known: its making was not seen'


@dataclass(frozen=True)
class View:
    """The parts of a report to show.

    Attributes:
        depth: The number of levels; 0 for all.
        section: Only objects at or below this path.
        grep: Only objects with this text in their path, name, file or ancestors' names, and their parents.
        params: Whether to show each parameter and buffer.
        arguments: Whether to show each argument with its source.
    """

    depth: int = 4
    section: str = ''
    grep: str = ''
    params: bool = False
    arguments: bool = False


def render(report: Findings, view: View) -> RenderableType:
    """The tree, followed by sections that were not built and by likely mistakes."""
    parts: list[RenderableType] = [Text(f'{report.config} (scope {report.scope})', 'bold')]
    for branch in _selected(tree_of(report.items), view):
        parts.append(_tree(branch, view, 1))
    parts += list(_unbuilt(report)) if not view.section and not view.grep else []
    return Group(*parts, *_mistakes(report))


def as_text(report: Findings) -> str:
    """The tree as plain text."""
    file = io.StringIO()
    Console(file=file, width=_ENDLESS, markup=False, highlight=False, emoji=False).print(render(report, View()))
    return '\n'.join(line.rstrip() for line in file.getvalue().splitlines())


def _selected(branches: tuple[Branch, ...], view: View) -> Iterator[Branch]:
    for branch in branches:
        if not view.section or branch.path == view.section or branch.path.startswith(f'{view.section}.'):
            kept = _grepped(branch, view.grep.lower())
            if kept is not None:
                yield kept
        elif view.section.startswith(f'{branch.path}.'):
            yield from _selected(branch.branches, view)


def _grepped(branch: Branch, text: str) -> Branch | None:
    """The branch with those descendants that match a text, and their parents, or None."""
    if not text:
        return branch
    below = tuple(kept for each in branch.branches if (kept := _grepped(each, text)) is not None)
    if below or (branch.item is not None and matches(branch.item, text)):
        return Branch(branch.label, branch.path, branch.item, below)
    return None


def matches(item: Item, text: str) -> bool:
    """Whether an object's path, name, chain or place contains a text, which must be in lower case."""
    return any(text in each.lower() for each in (item.path, item.name, item.chain_text, shown(item.place)))


def _tree(branch: Branch, view: View, level: int) -> Tree:
    tree = Tree(_line(branch))
    _fill(tree, branch, view, level)
    return tree


def _fill(tree: Tree, branch: Branch, view: View, level: int) -> None:
    item = branch.item
    if item is not None and view.arguments:
        for argument in item.arguments:
            tree.add(argument_line(argument))
        if not item.known:
            tree.add(Text(UNKNOWN, 'dim'))
    if item is not None and view.params:
        for tensor in item.tensors:
            tree.add(Text(tensor_text(tensor), 'magenta'))
    if view.depth and level >= view.depth and not view.grep:
        inside = sum(1 for _ in branch.walk()) - 1
        if inside:
            tree.add(Text(f'… {inside} objects inside', 'dim'))
        return
    for each in branch.branches:
        _fill(tree.add(_line(each)), each, view, level + 1)


def tensor_text(tensor: TensorFacts) -> str:
    """A parameter or buffer as text."""
    shape = 'x'.join(map(str, tensor.shape)) or 'scalar'
    return f'{tensor.name}: {tensor.kind} {shape} {tensor.dtype}, {tensor.count:,}'


def _line(branch: Branch) -> Text:
    """One object in one line."""
    item = branch.item
    if item is None:
        return Text(branch.label, 'bold')
    line = Text.assemble((branch.label, 'bold'), '  ', (item.name, 'green'))
    if item.place is not None:
        line.append(f'  {shown(item.place)}', 'cyan')
    if len(item.chain) > 1:
        line.append(f'  {item.chain_text}')
    line.append(_counts(item), 'magenta')
    line.append(f'  {made(item)}', 'dim')
    return line


def _counts(item: Item) -> str:
    counts = []
    if item.parameters:
        counts.append(f'{item.parameters:,} parameters' + _own(item.own_parameters, item.parameters))
    if item.buffers:
        counts.append(f'{item.buffers:,} in buffers' + _own(item.own_buffers, item.buffers))
    return f'  {", ".join(counts)}' if counts else ''


def _own(own: int, total: int) -> str:
    return '' if own == total else f' ({own:,} own)'


def made(item: Item) -> str:
    """The maker of an object, as text."""
    built = f'built by {item.registry}' if item.registry else ''
    if built and not item.copied:
        return built
    if item.maker is None and item.known and item.arguments:
        return 'made by the runner'
    if item.maker is None:
        return 'who made it was not seen' if '.' in item.path else ''
    within = f', in {short_function(item.within)}' if item.within is not None else ''
    inside = f'inside {short_function(item.maker)}{within}'
    return f'copied {inside}{f", from one {built}" if built else ""}' if item.copied else f'made {inside}'


def argument_line(argument: Argument) -> Text:
    """One argument with its source in one line."""
    line = Text.assemble((f'{argument.name} = ', 'yellow'), _cut(argument.text), '  ')
    line.append('  '.join(sources(argument)), 'dim')
    if argument.unread and argument.source == 'config':
        line.append('  ' + unread_text(argument), 'bold red')
    return line


def sources(argument: Argument) -> Iterator[str]:
    """The source of an argument's value, as text, followed by the values that it overrides."""
    if argument.source == 'default':
        reader = argument.reader
        yield f'default of {short_function(reader)}' if reader is not None else 'default'
        return
    if argument.source == 'code':
        caller = short_function(argument.caller) if argument.caller is not None else 'the runner'
        source = f', from {argument.config_path}' if argument.config_path else ''
        yield f'given by {caller}{f" ({shown(argument.place)})" if argument.place else ""}{source}'
    if argument.setting is not None:
        word = 'computed at' if argument.around else 'set at'
        yield f'{word} {setting_text(argument.setting)}'
    elif argument.source == 'config':
        yield f'config key {argument.config_path}'
    for setting in argument.overridden:
        yield f'over {_cut(setting.text, 40)} at {setting_text(setting)}'


def setting_text(setting: Setting) -> str:
    """A place in the config; for a variable, also the place that sets it."""
    if not setting.place.line and setting.place.file.startswith('-'):
        return f'the command line, {setting.place.file}'
    via = f' ({_cut(setting.text, 40)}, from {shown(setting.via)})' if setting.via is not None else ''
    return f'{shown(setting.place)}{via}'


def unread_text(argument: Argument) -> str:
    """The message for an argument that nothing reads."""
    near = f'; did you mean {" or ".join(argument.near)}?' if argument.near else ''
    return f'NOTHING READS THIS{near}'


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + '…'


def _unbuilt(report: Findings) -> Iterator[Text]:
    rows = [section for section in report.sections if not section.built]
    if rows:
        yield Text(f'\nNot built here ({len(rows)} of {len(report.sections)} sections)', 'bold')
        yield from (Text(f'  {row.path}: {_cut(row.reason, 200)}') for row in rows)


def _mistakes(report: Findings) -> Iterator[Text]:
    lines = [*report.notes]
    for _, argument in report.unread:
        where = f' ({setting_text(argument.setting)})' if argument.setting is not None else ''
        lines.append(f'{argument.config_path}{where}: {unread_text(argument)}')
    if lines:
        yield Text('\nLikely mistakes', 'bold red')
        yield from (Text(f'  {line}') for line in lines)
