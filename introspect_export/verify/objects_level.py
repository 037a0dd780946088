"""The level *objects*: the built objects of all sections, and their classes, have equal attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from introspect_export.verify.role_pair import DifferenceError, Pair, done
from introspect_export.verify.verify_facts import Shown

_CLASS, _FUNCTION = 'class ', 'function '
_NAMED = 8


def check_objects(pair: Pair, overrides: Sequence[Any]) -> Shown:
    """Compare the attributes of all built objects.

    Args:
        pair: The original and the package.
        overrides: The overrides of both configs.

    Returns:
        Notes, and the sections that the original cannot build here.

    Raises:
        NotShownError: The original cannot be run here.
        DifferenceError: Something differs.
    """
    arguments: dict[str, Any] = {'overrides': overrides, 'origins': sorted(pair.naming.origins)}
    original, pack = pair.both('objects', **arguments)
    for path, error in pack['errors'].items():
        if path in original['built']:
            raise DifferenceError(f'{path}: original is built, pack {error}')
    differing = _differing(pair, original['values'], pack['values'])
    if differing:
        # Attributes that differ between two runs of the original are not compared.
        again = done(pair.original.ask('objects', **arguments), 'original')['values']
        differing = {path: line for path, line in differing.items() if again.get(path) == original['values'].get(path)}
    if differing:
        more = [f'… and {len(differing) - _NAMED} more'] if len(differing) > _NAMED else []
        raise DifferenceError('\n'.join([*list(differing.values())[:_NAMED], *more]))
    notes = tuple(f'{path}: {error}' for path, error in original['errors'].items())
    return Shown(notes, tuple(original['errors']))


def _differing(pair: Pair, original: Mapping[str, str], pack: Mapping[str, str]) -> dict[str, str]:
    """The differences as sentences, by path."""
    found = {}
    for path, value in original.items():
        other = pack.get(path)
        if other is None:
            found[path] = f'{path}: original {_shortened(value)}, pack has none'
        elif not _agree(pair, value, other):
            found[path] = f'{path}: original {_shortened(value)}, pack {_shortened(other)}'
    # Further members of a class are those kept from its merged ancestors.
    added = [path for path in pack if path not in original and ' of class ' not in path]
    return {**found, **{path: f'{path}: original has none, pack {_shortened(pack[path])}' for path in added}}


def _agree(pair: Pair, original: str, pack: str) -> bool:
    if original.startswith(_CLASS) and pack.startswith(_CLASS):
        return pair.naming.agrees(original[len(_CLASS) :], pack[len(_CLASS) :])
    if original.startswith(_FUNCTION) and pack.startswith(_FUNCTION):
        return pair.naming.same_function(original[len(_FUNCTION) :], pack[len(_FUNCTION) :])
    return original == pack or pair.naming.renamed(original, pack)


def _shortened(value: str) -> str:
    return value if len(value) <= 200 else f'{value[:199]}…'
