"""The level *evaluate*: predictions that straddle thresholds, and the metrics of these, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from introspect_export.verify.data_level import Inputs
from introspect_export.verify.role_pair import OF_ONE, Answer, DifferenceError, NotShownError, Pair, done, read
from introspect_export.verify.verify_facts import Shown

_PARTS = ('val', 'test')


def check_evaluate(pair: Pair, checkpoint: str, inputs: Inputs) -> Shown:
    """Compare the predictions of both with weights that spread the outputs, and their evaluators' results.

    Args:
        pair: The original and the package.
        checkpoint: The file with the original's weights.
        inputs: The data.

    Returns:
        Notes, and the evaluators that do not work for the original.

    Raises:
        NotShownError: There is no data, the original cannot predict here, or it is not deterministic.
        DifferenceError: Something differs.
    """
    parts = [part for part in _PARTS if part in inputs.usable]
    if not parts:
        raise NotShownError('there is no data for validation or a test')
    return inputs.smallest(lambda overrides: _checked(pair, checkpoint, parts, overrides))


def _checked(pair: Pair, checkpoint: str, parts: Sequence[str], overrides: Sequence[Any]) -> Shown:
    arguments = {'checkpoint': checkpoint, 'overrides': overrides, 'parts': parts}
    original, pack = pair.both('evaluate', **arguments)
    difference = _difference(pair, original, pack)
    if difference:
        again = done(pair.original.ask('evaluate', **arguments), 'original')
        if set(again['errors']) != set(original['errors']) or OF_ONE.first(_tree(original), _tree(again)):
            raise NotShownError(f'the original itself gives something else each time; {difference}')
        raise DifferenceError(difference)
    reasons = tuple(f'{place}: the original: {error}' for place, error in original['errors'].items())
    if not read(original['file']):
        raise NotShownError('; '.join(reasons))
    return Shown((*reasons, *_notes(original)), tuple(original['errors']), frozenset(original['ran']))


def _difference(pair: Pair, original: Answer, pack: Answer) -> str:
    for place, error in pack['errors'].items():
        if place not in original['errors']:
            return f'{place}: original works, pack {error}'
    for place, error in original['errors'].items():
        if place not in pack['errors']:
            return f'{place}: original {error}, pack works'
    left, right = read(original['file']), read(pack['file'])
    for name, tree in left.items():
        other = right.get(name)
        found = f'{name}: pack has none' if other is None else pair.comparison.first(tree, other, f'{name}: ')
        if found:
            return found
    return ''


def _tree(answer: Answer) -> Mapping[str, Any]:
    return {'kind': 'mapping', 'items': [[name, tree] for name, tree in read(answer['file']).items()]}


def _notes(original: Answer) -> list[str]:
    """Notes on aspects that the data did not cover: thresholds of post-processing, and correct predictions."""
    passed = original['passed']
    notes = []
    if passed and passed[1] == 0:
        notes.append('no instance passes the thresholds, so what they let pass is not seen')
    elif passed and passed[0] == passed[1]:
        notes.append(f'{passed[0]} instances pass in every sample, so what thresholds keep out is not seen')
    if original['ran'] and not original['matched']:
        notes.append('no prediction could be made nearly right, so what metrics make of right ones is not seen')
    return notes
