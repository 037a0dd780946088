"""The level *state*: both models have the same keys, shapes and classes, and load each other's checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from introspect_export.verify.role_pair import Answer, DifferenceError, Pair, done


@dataclass(frozen=True)
class State:
    """The results that later levels need.

    Attributes:
        checkpoint: The file with the original's weights.
        parts: The parts for which the package's config has a data loader.
        uninitialized: The reason why the original's ``init_weights`` fails, or empty.
        sizes: The heights and widths of images that the model's options name.
        loose: The keys that prevent both from loading the other's checkpoint strictly, as a text, or empty.
    """

    checkpoint: str
    parts: Sequence[str]
    uninitialized: str = ''
    sizes: Sequence[tuple[int, int]] = ()
    loose: str = ''


def check_state(pair: Pair) -> State:
    """Compare the states of both models.

    Args:
        pair: The original and the package.

    Returns:
        The results that later levels need.

    Raises:
        NotShownError: The original cannot be built here.
        DifferenceError: Something differs.
    """
    original, pack = pair.both('state')
    _same_entries('state_dict', original['state'], pack['state'])
    _same_entries('buffers outside of the state_dict', original['buffers'], pack['buffers'])
    _same_classes(pair, original['classes'], pack['classes'])
    checkpoint: str = original['checkpoint']
    loose = _same_loading(*pair.ask('load', {'checkpoint': pack['checkpoint']}, {'checkpoint': checkpoint}))
    _same_values(pair, 'built', original, pack)
    sizes = [(height, width) for height, width in original['sizes']]
    return State(checkpoint, pack['parts'], _same_initialization(pair, original, pack), sizes, loose)


def _same_entries(what: str, original: Sequence[Any], pack: Sequence[Any]) -> None:
    keys = [entry[0] for entry in original], [entry[0] for entry in pack]
    for name, mine, other in (('lacks', keys[0], set(keys[1])), ('adds', keys[1], set(keys[0]))):
        odd = [key for key in mine if key not in other]
        if odd:
            raise DifferenceError(f'{what}: pack {name} {odd[0]}{_more(odd)}')
    for mine, other in zip(original, pack, strict=False):
        if mine[0] != other[0]:
            raise DifferenceError(f'{what}: in the place of {mine[0]} the pack has {other[0]}')
        if mine[1:3] != other[1:3]:
            raise DifferenceError(f'{mine[0]}: original is {_shape(mine)}, pack is {_shape(other)}')


def _same_classes(pair: Pair, original: Sequence[Any], pack: Sequence[Any]) -> None:
    kinds = dict(pack)
    for path, kind in original:
        if path not in kinds:
            raise DifferenceError(f'pack has no module {path}, which is a {kind} in the original')
        if not pair.naming.agrees(kind, kinds[path]):
            place = path or 'the model'
            raise DifferenceError(f'{place}: expected {pair.naming.expected(kind)}, pack has {kinds[path]}')
    odd = [path for path, _ in pack if path not in dict(original)]
    if odd:
        raise DifferenceError(f'pack has a module {odd[0]} that the original does not have{_more(odd)}')


def _same_loading(original: Answer, pack: Answer) -> str:
    """Compare the missing and unexpected keys when each loads the other's checkpoint.

    Returns:
        The keys that the original itself cannot load, as a text: hooks of some models remove entries of a checkpoint.
    """
    found = []
    for which in ('missing', 'unexpected'):
        mine, other = original[which], pack[which]
        if mine != other:
            odd = sorted(set(mine) ^ set(other)) or other
            who = 'pack' if odd[0] in other else 'original'
            raise DifferenceError(f'checkpoint of the other one: {odd[0]} is {which} for the {who} alone{_more(odd)}')
        found += [f'{mine[0]} is {which}{_more(mine)}'] if mine else []
    return '; '.join(found)


def _same_initialization(pair: Pair, original: Answer, pack: Answer) -> str:
    """Compare the values after ``init_weights`` with one seed; it may depend on names of classes and their bases.

    Returns:
        The reason if it fails for both, or empty.
    """
    failed, other = str(original['uninitialized']), pack['uninitialized']
    if bool(failed) != bool(other):
        raise DifferenceError(f'init_weights: original {failed or "works"}, pack {other or "works"}')
    if not failed:
        _same_values(pair, 'initialized', original, pack)
    return failed


def _same_values(pair: Pair, when: str, original: Answer, pack: Answer) -> None:
    """Compare the values when both are ``built`` or ``initialized`` with the same seed."""
    odd = _differing(original[when], pack[when])
    if odd:
        # Values that differ between two runs of the original are not compared.
        unsteady = _differing(original[when], done(pair.original.ask('state'), 'original')[when])
        odd = [key for key in odd if key not in unsteady]
    if odd:
        difference = pair.dumped('state', odd[0], dump=odd[0], when=when)
        raise DifferenceError(f'{when} under the same seed, {difference}{_more(odd)}')


def _differing(one: Sequence[Any], other: Sequence[Any]) -> list[str]:
    """The keys whose checksums differ."""
    return [key for (key, total), (_, its) in zip(one, other, strict=False) if total != its]


def _shape(entry: Sequence[Any]) -> str:
    return f'{entry[2]} of shape {tuple(entry[1])}'


def _more(odd: Sequence[Any]) -> str:
    return f' (and {len(odd) - 1} more)' if len(odd) > 1 else ''
