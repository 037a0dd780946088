"""The levels that compare the pack with the original, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from introspect_export.verify.data_level import Inputs, check_data, make_inputs
from introspect_export.verify.facts import FAILED, NOT_SHOWN, SHOWN, LevelCheck
from introspect_export.verify.forward_level import check_forward
from introspect_export.verify.pair import DifferenceError, NotShownError, Pair
from introspect_export.verify.state_level import State, check_state
from introspect_export.verify.train_level import check_train


class Proof:
    """What is known so far.

    Args:
        pair: The original and the pack.
        inputs: The data to show levels with; None for such that is made up.
    """

    def __init__(self, pair: Pair, inputs: Inputs | None = None) -> None:
        self.notes: list[str] = []
        self._pair = pair
        self._given = inputs
        self._state = State('', ())
        self._inputs: Inputs | None = None
        self._no_inputs: Exception | None = None

    def prove(self, levels: Sequence[str]) -> Iterator[LevelCheck]:
        """Try each level; the first that fails is the last. Where the state is not shown, nothing further can be."""
        checks: dict[str, Callable[[], Any]] = {
            'state': self._same_state,
            'forward': self._forward,
            'train': self._train,
            'data': self._data,
        }
        blocked = ''
        for level in levels:
            check = LevelCheck(level, NOT_SHOWN, blocked) if blocked else _outcome(level, checks[level])
            yield check
            if check.failed:
                return
            if level == 'state' and not check.ok:
                blocked = check.reason

    def _same_state(self) -> None:
        self._state = check_state(self._pair)
        self._note('state', self._state.notes)

    def _forward(self) -> None:
        inputs = self._compared()
        self._note('forward', check_forward(self._pair, self._state.checkpoint, inputs))

    def _train(self) -> None:
        inputs = self._compared()
        self._note('train', check_train(self._pair, self._state.checkpoint, inputs))

    def _data(self) -> None:
        try:
            inputs = self._compared()
        except NotShownError:
            if isinstance(self._no_inputs, DifferenceError):
                raise self._no_inputs from None
            raise
        if inputs.lacking:
            raise NotShownError(f'{", ".join(inputs.usable)} shown, but not {inputs.lacking}')

    def _compared(self) -> Inputs:
        """Inputs that both give alike: what is shown with others would say nothing.

        Raises:
            NotShownError: There are none.
        """
        if self._inputs is None and self._no_inputs is None:
            try:
                if not self._state.parts:
                    raise NotShownError("there are no inputs: the package's config has no data loader")
                inputs = self._given or make_inputs(self._pair)
                self._note('data', inputs.notes)
                self._inputs = check_data(self._pair, inputs)
            except (NotShownError, DifferenceError) as error:
                self._no_inputs = error
        if isinstance(self._no_inputs, DifferenceError):
            raise NotShownError(f'the pack is given other data: {self._no_inputs}')
        if self._no_inputs is not None:
            raise self._no_inputs
        assert self._inputs is not None
        return self._inputs

    def _note(self, level: str, notes: Sequence[str]) -> None:
        self.notes += [f'{level}: {note}' for note in notes]


def _outcome(level: str, check: Callable[[], Any]) -> LevelCheck:
    try:
        check()
    except NotShownError as error:
        return LevelCheck(level, NOT_SHOWN, str(error))
    except DifferenceError as error:
        return LevelCheck(level, FAILED, str(error))
    return LevelCheck(level, SHOWN)
