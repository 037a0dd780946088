"""The level *code*: all code, also such that never ran, is the original's in what flattening never changes."""

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
    """Compare the text of all functions, and of what is given a name, in the pack with the original's.

    Returns:
        What there is to say: the functions that could not be compared, and why.

    Raises:
        NotShownError: The original's text is not here, or text of its parents was written out where it is called.
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


def _symbol(told: str, symbol: str, merged: Sequence[str] = ()) -> dict[str, Any]:
    module, _, name = symbol.partition(':')
    return {'told': told, 'module': module, 'name': name, 'merged': list(merged)}


def _pieces(naming: RenamedTypes, original: Mapping[str, Any], pack: Mapping[str, Any]) -> Iterator[str]:
    for name in pack['failed']:
        if name not in original['failed']:
            yield f'{name}: pack has none'
    for name, said in pack['pieces'].items():
        # What is hidden in a class is only kept where something reaches it.
        other = _counterpart(name, original['pieces'])
        odd = _first(naming, original['pieces'][other], said) if other else None
        if odd is not None:
            yield f'{name}: original has {odd[0]}, pack {odd[1]} ({_place(pack["files"][name], odd[2])})'


def _statements(naming: RenamedTypes, original: Mapping[str, Any], pack: Mapping[str, Any]) -> Iterator[str]:
    """The statements of the pack's modules that name nothing, and are none of the original's."""
    modules: dict[str, list[str]] = {}
    for module in pack:
        modules.setdefault(naming.expected(f'{module}:'), []).append(module)
    for several in modules.values():
        if not all(module in original for module in several):
            continue  # No text of it is here.
        known = [said for module in several for said, _ in original[module]]
        for said, file in pack[several[0]]:
            if all(_first(naming, each, said) for each in known):
                yield f'{several[0]}: a statement of the pack is none of the original ({_place(file, said[0][1])})'


def _place(file: str, line: int) -> str:
    return f'pack/{file.rpartition("/pack/")[2]}:{line}'


def _counterpart(name: str, original: Mapping[str, Any]) -> str:
    """What something of the pack is in the original, or nothing: a parent's member may have got a number."""
    if name in original:
        return name
    short = re.sub(r'_\d+$', '', name)
    return short if short in original and short.rpartition('.')[2].startswith('_') else ''


def _first(naming: RenamedTypes, original: Sequence[Any], pack: Sequence[Any]) -> tuple[str, str, int] | None:
    """The first word that is another one, and its line."""
    at = 0
    for index in range(len(original) + 1):
        mine = original[index][0] if index < len(original) else _END
        other, line = pack[at] if at < len(pack) else (_END, pack[-1][1] if pack else 0)
        at += 1
        if mine == UNKNOWN and other.isidentifier():
            # What is imported from an origin that has it from a library is imported from that one.
            following = original[index + 1][0] if index + 1 < len(original) else _END
            while at < len(pack) and pack[at][0].startswith('.') and pack[at][0] != following:
                at += 1
        elif mine != other and not _same(naming, mine, other):
            return mine, other, line
    return None


def _same(naming: RenamedTypes, original: str, pack: str) -> bool:
    """Whether words that are others say the same."""
    if original == ASKED:
        return pack == 'True'  # It is known which parents there are.
    if original.startswith(PARENT):
        # A name that was taken already got a number; in the body of a class a parent's value is asked for by its name.
        return pack == UNKNOWN or re.fullmatch(rf'{re.escape(original)}_\d+', pack) is not None
    if pack.startswith(MODULE):
        return original.endswith(f"{pack[len(MODULE) :]}'")
    texts = original[0] in _QUOTES and pack[0] in _QUOTES
    return texts and (naming.renamed(original, pack) or naming.is_module(original, pack))


def _values(naming: RenamedTypes, original: Mapping[str, str], pack: Mapping[str, str]) -> Iterator[str]:
    """The globals that are plain data."""
    for path, value in original.items():
        other = pack.get(path)
        known = other is None or other == value or naming.renamed(value, other)
        if not known and not value.startswith(('class ', 'function ')):
            yield f'{path}: original {value}, pack {other}'


def _not_compared(original: Mapping[str, Any], pack: Mapping[str, Any]) -> Iterator[str]:
    """The functions of the pack that were not compared, by the reason."""
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
