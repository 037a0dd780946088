"""Comparison of two configs by the objects that they build."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from introspect_export.inspect.snapshot import SCHEMA
from introspect_export.model import ExportError

_LONGEST = 120
_NOT_GIVEN = 'not given'


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        kind: ``added``, ``removed``, ``class``, ``argument``, ``parameters`` or ``method``.
        path: The object; for a method the class.
        name: The argument or method, or empty.
        before: The old class, value or digest of a method's text; empty for what was added.
        after: The new one; empty for what was removed.
        below: For an object that was added or removed, the number of objects below it.
    """

    kind: str
    path: str
    name: str
    before: str
    after: str
    below: int = 0

    def __str__(self) -> str:
        what = f'{self.path} {self.name}'.strip()
        more = f' (and {self.below} objects in it)' if self.below else ''
        if self.kind == 'added':
            return f'+ {what}: {self.after}{more}'
        if self.kind == 'removed':
            return f'- {what}: {self.before}{more}'
        if self.kind == 'method':
            change = 'is new' if not self.before else 'is gone' if not self.after else 'has another text'
            return f'~ {self.path}.{self.name} {change}'
        return f'~ {what}: {_cut(self.before)} -> {_cut(self.after)}'


@dataclass(frozen=True)
class Differences:
    """The differences between what two configs build.

    Attributes:
        before: The name of the first config.
        after: The name of the second config.
        found: The differences.
    """

    before: str
    after: str
    found: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """The differences as plain data."""
        return {
            'before': self.before,
            'after': self.after,
            'same': not self.found,
            'differences': [asdict(each) for each in self.found],
        }

    def __str__(self) -> str:
        if not self.found:
            return f'{self.before} and {self.after} build the same'
        return '\n'.join(map(str, self.found))

    def __rich__(self) -> RenderableType:
        """The differences in colour."""
        styles = {'+': 'green', '-': 'red', '~': 'yellow'}
        lines = str(self).splitlines()
        return Group(*(Text(line, styles.get(line[0], '')) for line in lines))


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Compare two snapshots.

    Objects with their classes and arguments are compared, and the text of these classes' methods; files, lines and
    config keys are not.

    Raises:
        ExportError: A value is not a snapshot, or has another schema version.
    """
    for one in (before, after):
        if one.get('schema') != SCHEMA:
            raise ExportError(f'not a snapshot of this version: its schema is {one.get("schema")!r}, not {SCHEMA!r}')
    found = (*_objects(before, after), *_methods(before, after))
    return Differences(str(before['config']), str(after['config']), found)


def _objects(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old = {each['path']: each for each in before['objects']}
    new = {each['path']: each for each in after['objects']}
    yield from _alone('removed', old, new)
    yield from _alone('added', new, old)
    built = {each['config_path'] for each in (*old.values(), *new.values()) if each['config_path']}
    for path, one in old.items():
        other = new.get(path)
        if other is None:
            continue
        if one['class'] != other['class']:
            yield Difference('class', path, '', one['class'], other['class'])
        yield from _arguments(path, one, other, built)
        if [_shape(each) for each in one['tensors']] != [_shape(each) for each in other['tensors']]:
            shapes = [' '.join(map(_shape, each['tensors'])) for each in (one, other)]
            yield Difference('parameters', path, 'tensors', shapes[0], shapes[1])


def _alone(kind: str, these: Mapping[str, Any], those: Mapping[str, Any]) -> Iterator[Difference]:
    """The objects that only one side has; of a subtree only the topmost."""
    alone = [path for path in these if path not in those]
    tops = [path for path in alone if not any(path.startswith(f'{other}.') for other in alone)]
    for path in tops:
        below = sum(1 for other in alone if other.startswith(f'{path}.'))
        name = these[path]['class']
        yield Difference(kind, path, '', name if kind == 'removed' else '', name if kind == 'added' else '', below)


def _arguments(path: str, one: Mapping[str, Any], other: Mapping[str, Any], built: set[str]) -> Iterator[Difference]:
    old = {each['name']: each for each in one['arguments']}
    new = {each['name']: each for each in other['arguments']}
    for name in {**old, **new}:
        sides = [side.get(name, {}) for side in (old, new)]
        values = [_parsed(each.get('value', _NOT_GIVEN)) for each in sides]
        where = next((each['config_path'] for each in sides if each.get('config_path')), '')
        for leaf, before, after in _leaves(name, where, values[0], values[1], built):
            yield Difference('argument', path, leaf, before, after)


def _parsed(text: str) -> ast.expr | str:
    """A value's text parsed as an expression; the text itself where it is none, as for a live object."""
    try:
        return ast.parse(text, mode='eval').body
    except SyntaxError:
        return text


def _leaves(
    name: str, where: str, old: ast.expr | str, new: ast.expr | str, built: set[str]
) -> Iterator[tuple[str, str, str]]:
    """The innermost values that differ; dicts of objects are left out: the objects are compared."""
    texts = [each if isinstance(each, str) else ast.unparse(each) for each in (old, new)]
    if texts[0] == texts[1] or (where and where in built):
        return
    first, second = _inside(old), _inside(new)
    if first is None or second is None or (isinstance(old, ast.List) and len(first) != len(second)):
        yield name, texts[0], texts[1]
        return
    for key in {**first, **second}:
        sides = [each.get(key, _NOT_GIVEN) for each in (first, second)]
        yield from _leaves(f'{name}.{key}', f'{where}.{key}' if where else '', sides[0], sides[1], built)


def _inside(node: ast.expr | str) -> dict[str, ast.expr] | None:
    """The items of a dict, or of a list of dicts; None for any other expression."""
    if isinstance(node, ast.Call) and all(each.arg for each in node.keywords):
        return {str(each.arg): each.value for each in node.keywords}
    if isinstance(node, ast.List) and all(isinstance(each, ast.Call) for each in node.elts):
        return {str(index): each for index, each in enumerate(node.elts)}
    return None


def _shape(tensor: Mapping[str, Any]) -> str:
    return f'{tensor["name"]}:{tensor["kind"]}:{"x".join(map(str, tensor["shape"]))}'


def _methods(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for symbol, one in before['classes'].items():
        other = after['classes'].get(symbol)
        if other is None:
            continue
        for name in {**one['members'], **other['members']}:
            digests = one['members'].get(name, ''), other['members'].get(name, '')
            if digests[0] != digests[1]:
                yield Difference('method', symbol, name, *digests)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'
