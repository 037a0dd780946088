"""The level *objects*: all sections, once they are built, hold the same, and their classes say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from introspect_export.verify.role_pair import DifferenceError, Pair, done
from introspect_export.verify.verify_facts import Shown

_CLASS, _FUNCTION = 'class ', 'function '
_NAMED = 8


def check_objects(pair: Pair, overrides: Sequence[Any]) -> Shown:
    """Compare what the objects of both hold.

    Args:
        pair: The original and the pack.
        overrides: What to replace in both configs.

    Returns:
        What there is to say, with the sections that the original cannot build here.

    Raises:
        NotShownError: The original cannot be asked here.
        DifferenceError: Something differs.
    """
    arguments: dict[str, Any] = {'overrides': overrides, 'origins': sorted(pair.naming.origins)}
    original, pack = pair.both('objects', **arguments)
    for path, error in pack['errors'].items():
        if path in original['built']:
            raise DifferenceError(f'{path}: original is built, pack {error}')
    odd = _odd(pair, original['values'], pack['values'])
    if odd:
        again = done(pair.original.ask('objects', **arguments), 'original')['values']
        odd = {path: line for path, line in odd.items() if again.get(path) == original['values'].get(path)}
    if odd:
        more = [f'… and {len(odd) - _NAMED} more'] if len(odd) > _NAMED else []
        raise DifferenceError('\n'.join([*list(odd.values())[:_NAMED], *more]))
    notes = tuple(f'{path}: {error}' for path, error in original['errors'].items())
    return Shown(notes, tuple(original['errors']))


def _odd(pair: Pair, original: Mapping[str, str], pack: Mapping[str, str]) -> dict[str, str]:
    """What differs, by path, as a sentence."""
    found = {}
    for path, value in original.items():
        other = pack.get(path)
        if other is None:
            found[path] = f'{path}: original {_told(value)}, pack has none'
        elif not _agree(pair, value, other):
            found[path] = f'{path}: original {_told(value)}, pack {_told(other)}'
    # What a class holds beside that are the members that were kept of those merged into it.
    added = [path for path in pack if path not in original and ' of class ' not in path]
    return {**found, **{path: f'{path}: original has none, pack {_told(pack[path])}' for path in added}}


def _agree(pair: Pair, original: str, pack: str) -> bool:
    if original.startswith(_CLASS) and pack.startswith(_CLASS):
        return pair.naming.agrees(original[len(_CLASS) :], pack[len(_CLASS) :])
    if original.startswith(_FUNCTION) and pack.startswith(_FUNCTION):
        return pair.naming.same_function(original[len(_FUNCTION) :], pack[len(_FUNCTION) :])
    return original == pack or pair.naming.renamed(original, pack)


def _told(value: str) -> str:
    return value if len(value) <= 200 else f'{value[:199]}…'
