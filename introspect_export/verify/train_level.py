"""The level *train*: two training steps log equal losses, gradients and parameters, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from introspect_export.verify.data_level import Inputs
from introspect_export.verify.forward_level import first_call
from introspect_export.verify.role_pair import OF_ONE, Answer, DifferenceError, NotShownError, Pair, done, read
from introspect_export.verify.verify_facts import Shown

_RAN = frozenset({'model', 'optim_wrapper', 'param_scheduler'})
_NAMED = 3


def check_train(pair: Pair, checkpoint: str, inputs: Inputs) -> Shown:
    """Compare both roles over two steps with the config's own optimizer wrapper.

    Args:
        pair: The original and the package.
        checkpoint: The file with the original's weights.
        inputs: The data.

    Returns:
        Notes, and the sections that were run.

    Raises:
        NotShownError: The original cannot be trained here, or is not deterministic.
        DifferenceError: Something differs.
    """
    if 'train' not in inputs.usable:
        raise NotShownError(f'no inputs could be made: {inputs.parts.get("train", "there is no train_dataloader")}')
    return inputs.smallest(lambda overrides: _checked(pair, checkpoint, overrides))


def _checked(pair: Pair, checkpoint: str, overrides: Sequence[Any]) -> Shown:
    arguments = {'checkpoint': checkpoint, 'overrides': overrides}
    original, pack = pair.both('train', **arguments)
    difference = _difference(pair, original, pack, arguments)
    if difference:
        again = done(pair.original.ask('train', **arguments), 'original')
        steady = all(again[key] == original[key] for key in ('calls', 'updates', 'state'))
        if not steady or OF_ONE.first(read(original['file']), read(again['file'])):
            raise NotShownError(f'the original itself gives something else each time; {difference}')
        raise DifferenceError(difference)
    if original['odd']:
        odd = ', '.join(original['odd'][:_NAMED])
        raise NotShownError(f'the original has losses that are no finite numbers with these inputs: {odd}')
    if not any(update['some'] for update in original['updates']):
        raise NotShownError('no parameter of the original gets a gradient with these inputs')
    return Shown(tuple(original['notes']), ('mixed precision',) if original['notes'] else (), _RAN)


def _difference(pair: Pair, original: Answer, pack: Answer, arguments: Mapping[str, Any]) -> str:
    """Describe the earliest difference; empty if there is none."""
    left, right = (read(each['file'])['items'] for each in (original, pack))
    for step, (mine, other) in enumerate(zip(left, right, strict=False)):
        logged = pair.comparison.first(mine, other, f'step {step + 1}: ')
        if logged:
            return logged + (_first_module(pair, original, pack, arguments) if step == 0 else '')
        odd = _updates(pair, original, pack, step, arguments)
        if odd:
            return odd
    key = _first_differing(original['state'], pack['state'])
    return pair.dumped('train', f'after two steps: {key}', dump=['state', key], **arguments) if key else ''


def _updates(pair: Pair, original: Answer, pack: Answer, step: int, arguments: Mapping[str, Any]) -> str:
    """Describe the first gradient of a step that differs; empty if there is none."""
    ours, theirs = ([one for one in enumerate(each['updates']) if one[1]['step'] == step] for each in (original, pack))
    for (number, mine), (_, other) in zip(ours, theirs, strict=False):
        where = f'step {step + 1}'
        if mine['optimizer'] != other['optimizer']:
            return f'{where}: original updates {mine["optimizer"] or "nothing"}, pack {other["optimizer"] or "nothing"}'
        name = _first_differing(mine['gradients'], other['gradients'])
        if name:
            return pair.dumped('train', f'{where}: gradient of {name}', dump=['gradient', number, name], **arguments)
    if len(ours) != len(theirs):
        return f'step {step + 1}: original updates parameters {len(ours)} times, pack {len(theirs)} times'
    return ''


def _first_module(pair: Pair, original: Answer, pack: Answer, arguments: Mapping[str, Any]) -> str:
    """Describe the first module whose output differs in the first step; empty if there is none."""
    index, odd = first_call(original['calls'], pack['calls'])
    if index >= 0 and not odd:
        if not original['calls'][index][0]:
            return ''  # The model itself, whose output is the losses, which are described already.
        path = f'{original["calls"][index][0]}: output'
        odd = pair.dumped('train', path, dump=['call', index], **arguments)
    return f'; the first module that differs is {odd}' if odd else ''


def _first_differing(original: Sequence[Any], pack: Sequence[Any]) -> str:
    """The first name whose checksum differs, or empty."""
    other = dict(pack)
    return next((name for name, total in original if other.get(name) != total), '')
