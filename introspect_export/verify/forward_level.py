"""The level *forward*: the modes ``tensor`` and ``predict`` return the same, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from introspect_export.verify.data_level import Inputs
from introspect_export.verify.role_pair import OF_ONE, Answer, DifferenceError, NotShownError, Pair, done, read
from introspect_export.verify.verify_facts import Shown


def check_forward(pair: Pair, checkpoint: str, inputs: Inputs) -> Shown:
    """Compare the results of both modes, and the output of every call of a module.

    Args:
        pair: The original and the package.
        checkpoint: The file with the original's weights.
        inputs: The data.

    Returns:
        Notes, and the modes that do not work for the original.

    Raises:
        NotShownError: The original cannot run any mode here, or is not deterministic.
        DifferenceError: Something differs.
    """
    lacking, notes = inputs.smallest(
        lambda overrides: _checked(pair, checkpoint, inputs, overrides), enough=lambda found: not found[0]
    )
    return Shown(
        (*(f'{mode}: {reason}' for mode, reason in lacking.items()), *notes), tuple(lacking), frozenset({'model'})
    )


def _checked(pair: Pair, checkpoint: str, inputs: Inputs, overrides: Sequence[Any]) -> tuple[dict[str, str], list[str]]:
    """The reasons why modes of the original do not work, and notes."""
    arguments = {'checkpoint': checkpoint, 'overrides': overrides, 'parts': inputs.usable}
    original, pack = pair.both('forward', **arguments)
    difference = _difference(pair, original, pack, arguments)
    if difference:
        again = done(pair.original.ask('forward', **arguments), 'original')
        steady = again['tries'] == original['tries']
        if not steady or OF_ONE.first(_results(original), _results(again)):
            raise NotShownError(f'the original itself gives something else each time; {difference}')
        raise DifferenceError(difference)
    shown = {one['mode'] for one in original['tries'] if not one['error']}
    failed = {one['mode']: one for one in original['tries'] if one['mode'] not in shown and one['part']}
    alone = [one['mode'] for one in original['tries'] if not one['error'] and not one['part']]
    reasons = {mode: f'the original, with the data of {one["part"]}: {one["error"]}' for mode, one in failed.items()}
    if not shown:
        raise NotShownError('; '.join(f'{mode}: {reason}' for mode, reason in reasons.items()))
    return reasons, [f'{mode}: without data, from what the model makes by itself' for mode in alone]


def _difference(pair: Pair, original: Answer, pack: Answer, arguments: Mapping[str, Any]) -> str:
    for mine, other in zip(original['tries'], pack['tries'], strict=False):
        place = mine['mode']
        if bool(mine['error']) != bool(other['error']):
            return f'{place}: original {mine["error"] or "works"}, pack {other["error"] or "works"}'
        index, odd = first_call(mine['calls'], other['calls'])
        if index >= 0 and not odd:
            dump = [mine['mode'], mine['part'], index]
            left, right = (read(each['file'])[place] for each in pair.both('forward', dump=dump, **arguments))
            odd = pair.comparison.first(left, right, f'{mine["calls"][index][0] or "the model"}: output')
        if odd:
            return odd if place == 'tensor' else f'in mode {place}, {odd}'
    return pair.comparison.first(_results(original), _results(pack))


def first_call(original: Sequence[Any], pack: Sequence[Any]) -> tuple[int, str]:
    """Find the first call of a module that differs.

    Args:
        original: The calls of the original, each with the module's path and the checksum of its output.
        pack: Those of the package.

    Returns:
        The index of the call, or -1; and a description of the difference, which is empty if the output differs.
    """
    for index, (mine, other) in enumerate(zip(original, pack, strict=False)):
        if mine[0] != other[0]:
            return index, f'{_at(original, index)}: the pack runs {other[0] or "the model"} in its place'
        if mine[1] != other[1]:
            return index, ''
    if len(original) != len(pack):
        index = min(len(original), len(pack))
        longer, who = (original, 'pack') if len(original) > index else (pack, 'original')
        return index, f'{_at(longer, index)}: it is run, but not by the {who}'
    return -1, ''


def _at(calls: Sequence[Any], index: int) -> str:
    return calls[index][0] or 'the model'


def _results(answer: Answer) -> Any:
    """The result trees of all modes as one mapping."""
    return {'kind': 'mapping', 'items': [[mode, tree] for mode, tree in read(answer['file']).items()]}
