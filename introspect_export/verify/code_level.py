"""The level *code*: all code, including code that was never run, equals the original's up to flattening and linking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from introspect_export.verify.child.canonical_code import ASKED, MODULE, PARENT
from introspect_export.verify.child.meanings import UNKNOWN
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import DifferenceError, NotShownError, Pair
from introspect_export.verify.verify_facts import Shown

_NAMED = 8
_END = 'nothing more'
_QUOTES = ('"', "'")


def check_code(pair: Pair) -> Shown:
    """Compare the text of all functions and named values of the package with the original's.

    Args:
        pair: The original and the package.

    Returns:
        Notes on the functions that could not be compared, with the reasons.

    Raises:
        NotShownError: The original's text is not available, or the export inlined parents' methods.
        DifferenceError: Something differs.
    """
    naming = pair.naming
    if naming.inlined:
        raise NotShownError("the text of parents' methods was written out where they are called")
    common = {'origins': sorted(naming.origins), 'broken': sorted(naming.broken)}
    original, pack = pair.ask(
        'code',
        {'symbols': [_symbol(one, one) for one in naming.symbols], **common},
        {
            'symbols': [_symbol(one, naming.expected(one), naming.merged.get(one, ())) for one in naming.symbols],
            **common,
        },
    )
    if not original['pieces']:
        raise NotShownError('no text of the original is here')
    found = [
        *_pieces(naming, original, pack),
        *_statements(naming, original['statements'], pack['statements']),
        *_values(naming, original['values'], pack['values']),
    ]
    if found:
        more = [f'… and {len(found) - _NAMED} more'] if len(found) > _NAMED else []
        raise DifferenceError('\n'.join([*found[:_NAMED], *more]))
    return Shown(tuple(_not_compared(original, pack)))


def _symbol(label: str, symbol: str, merged: Sequence[str] = ()) -> dict[str, Any]:
    module, _, name = symbol.partition(':')
    return {'told': label, 'module': module, 'name': name, 'merged': list(merged)}


def _pieces(naming: RenamedTypes, original: Mapping[str, Any], pack: Mapping[str, Any]) -> Iterator[str]:
    for name in pack['failed']:
        if name not in original['failed']:
            yield f'{name}: pack has none'
    for name, words in pack['pieces'].items():
        # A method that is overridden in the original may be missing in the package: it is kept only if it is reached.
        other = _counterpart(name, original['pieces'])
        odd = _first(naming, original['pieces'][other], words) if other else None
        if odd is not None:
            yield f'{name}: original has {odd[0]}, pack {odd[1]} ({_place(pack["files"][name], odd[2])})'


def _statements(naming: RenamedTypes, original: Mapping[str, Any], pack: Mapping[str, Any]) -> Iterator[str]:
    """The differences in statements that bind no name: those of the package's modules that the original has not."""
    modules: dict[str, list[str]] = {}
    for module in pack:
        modules.setdefault(naming.expected(f'{module}:'), []).append(module)
    for several in modules.values():
        if not all(module in original for module in several):
            continue  # The text of one of them is not available.
        known = [words for module in several for words, _ in original[module]]
        for words, file in pack[several[0]]:
            if all(_first(naming, each, words) for each in known):
                yield f'{several[0]}: a statement of the pack is none of the original ({_place(file, words[0][1])})'


def _place(file: str, line: int) -> str:
    return f'pack/{file.rpartition("/pack/")[2]}:{line}'


def _counterpart(name: str, original: Mapping[str, Any]) -> str:
    """The name in the original of a piece of the package, or empty; flattening may append a number to a name."""
    if name in original:
        return name
    short = re.sub(r'_\d+$', '', name)
    return short if short in original and short.rpartition('.')[2].startswith('_') else ''


def _first(naming: RenamedTypes, original: Sequence[Any], pack: Sequence[Any]) -> tuple[str, str, int] | None:
    """The first difference between two sequences of words: the original's word, the package's, and the line."""
    at = 0
    for index in range(len(original) + 1):
        mine = original[index][0] if index < len(original) else _END
        other, line = pack[at] if at < len(pack) else (_END, pack[-1][1] if pack else 0)
        at += 1
        if mine == UNKNOWN and other.isidentifier():
            # An object that the original imports through an origin is imported from its library in the package, where
            # words for further attributes may follow.
            following = original[index + 1][0] if index + 1 < len(original) else _END
            while at < len(pack) and pack[at][0].startswith('.') and pack[at][0] != following:
                at += 1
        elif mine != other and not _same(naming, mine, other):
            return mine, other, line
    return None


def _same(naming: RenamedTypes, original: str, pack: str) -> bool:
    """Whether different words are equivalent."""
    if original == ASKED:
        return pack == 'True'  # Flattening replaces ``hasattr(super(), …)`` by its value.
    if original.startswith(PARENT):
        # A kept member may have a number appended; in a class body, a parent's value is accessed by its plain name.
        return pack == UNKNOWN or re.fullmatch(rf'{re.escape(original)}_\d+', pack) is not None
    if pack.startswith(MODULE):
        return original.endswith(f"{pack[len(MODULE) :]}'")
    strings = original[0] in _QUOTES and pack[0] in _QUOTES
    return strings and (naming.renamed(original, pack) or naming.is_module(original, pack))


def _values(naming: RenamedTypes, original: Mapping[str, str], pack: Mapping[str, str]) -> Iterator[str]:
    """The differences in globals that are plain data."""
    for path, value in original.items():
        other = pack.get(path)
        known = other is None or other == value or naming.renamed(value, other)
        if not known and not value.startswith(('class ', 'function ')):
            yield f'{path}: original {value}, pack {other}'


def _not_compared(original: Mapping[str, Any], pack: Mapping[str, Any]) -> Iterator[str]:
    """Notes on the functions of the package that were not compared, one per reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in pack['unread'].items():
        reasons.setdefault(why, []).append(name)
    for name in pack['functions']:
        if not _counterpart(name, original['pieces']):
            why = original['unread'].get(name, 'the original has none under this name')
            reasons.setdefault(why, []).append(name)
    for why, names in sorted(reasons.items()):
        more = f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''
        yield f'not compared, since {why}: {", ".join(names[:_NAMED])}{more}'
