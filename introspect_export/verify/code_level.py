"""The level *code*: all functions, also such that never ran, are the original's in what flattening never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from introspect_export.verify.facts import Shown
from introspect_export.verify.naming import Naming
from introspect_export.verify.pair import DifferenceError, NotShownError, Pair

_NAMED = 8
_OF_SELF = 3
"""The length of a token that is an attribute of the object itself: asking a parent is written as asking that."""


def check_code(pair: Pair) -> Shown:
    """Compare the text of all functions in the pack with the original's.

    Returns:
        What there is to say.

    Raises:
        NotShownError: The original's text is not here, or text of its parents was written out where it is called.
        DifferenceError: Something differs.
    """
    naming = pair.naming
    if naming.inlined:
        raise NotShownError("the text of parents' methods was written out where they are called")
    original, pack = pair.ask(
        'code',
        {'symbols': [[one, *_split(one)] for one in naming.symbols], 'origins': sorted(naming.origins)},
        {
            'symbols': [[one, *_split(naming.expected(one))] for one in naming.symbols],
            'origins': sorted(naming.origins),
        },
    )
    if not original['functions']:
        raise NotShownError('no text of the original is here')
    found = [*_functions(naming, original, pack), *_values(pair.naming, original['values'], pack['values'])]
    if found:
        more = [f'… and {len(found) - _NAMED} more'] if len(found) > _NAMED else []
        raise DifferenceError('\n'.join([*found[:_NAMED], *more]))
    return Shown()


def _split(symbol: str) -> list[str]:
    module, _, name = symbol.partition(':')
    return [module, name]


def _functions(naming: Naming, original: Mapping[str, Any], pack: Mapping[str, Any]) -> list[str]:
    found = [f'{name}: pack has none' for name in pack['failed'] if name not in original['failed']]
    for name, tokens in original['functions'].items():
        other = pack['functions'].get(name)
        if other is None or any(name == each or name.startswith(f'{each}.') for each in naming.broken):
            continue  # What is hidden in a class is only kept where something reaches it.
        whole = name in original['as_they_are']
        odd = _first(*([one for one in each if whole or len(one) < _OF_SELF] for each in (tokens, other)))
        if odd is not None:
            mine, theirs, line = odd[0][0], odd[1][0], odd[1][1]
            place = f'pack/{pack["files"][name].rpartition("/pack/")[2]}:{line}'
            found.append(f'{name}: original has {mine}, pack {theirs} ({place})')
    return found


def _first(original: Sequence[Any], pack: Sequence[Any]) -> tuple[Any, Any] | None:
    end: list[Any] = ['nothing more', 0]
    for index in range(max(len(original), len(pack))):
        mine = original[index] if index < len(original) else end
        other = pack[index] if index < len(pack) else [end[0], pack[-1][1] if pack else 0]
        if mine[0] != other[0]:
            return mine, other
    return None


def _values(naming: Naming, original: Mapping[str, str], pack: Mapping[str, str]) -> list[str]:
    """The globals that are plain data."""
    found = []
    for path, value in original.items():
        other = pack.get(path)
        if (
            other is not None
            and other != value
            and not naming.renamed(value, other)
            and not value.startswith(('class ', 'function '))
        ):
            found.append(f'{path}: original {value}, pack {other}')
    return found
