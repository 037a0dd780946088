"""The levels that compare the package with the original, in order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from introspect_export.verify.code_level import check_code
from introspect_export.verify.config_level import check_config
from introspect_export.verify.data_level import Inputs, check_data, make_inputs
from introspect_export.verify.evaluate_level import check_evaluate
from introspect_export.verify.forward_level import check_forward
from introspect_export.verify.image_sizes import SMALL, others
from introspect_export.verify.objects_level import check_objects
from introspect_export.verify.role_pair import DifferenceError, NotShownError, Pair
from introspect_export.verify.state_level import State, check_state
from introspect_export.verify.train_level import check_train
from introspect_export.verify.verify_facts import FAILED, NOT_SHOWN, SHOWN, LevelCheck, Shown

_Found = Inputs | NotShownError | DifferenceError
"""Inputs, or the exception that explains why there are none."""


class Proof:
    """Checks levels, and keeps the state that later levels need.

    Args:
        pair: The original and the package.
        inputs: The data to check levels with; None for generated data.
    """

    def __init__(self, pair: Pair, inputs: Inputs | None = None) -> None:
        self.notes: list[str] = []
        self.ran: frozenset[str] = frozenset()
        self._pair = pair
        self._given = inputs
        self._state = State('', ())
        self._inputs: _Found | None = None
        self._others: dict[tuple[int, int], _Found] = {}

    @property
    def initialized(self) -> bool:
        """Whether both have equal values after ``init_weights``."""
        return bool(self._state.checkpoint) and not self._state.uninitialized

    def prove(self, levels: Sequence[str]) -> Iterator[LevelCheck]:
        """Check each level, up to the first that fails; if *state* is not shown, no later level is.

        Args:
            levels: The levels, in order.
        """
        checks: dict[str, Callable[[], Shown | None]] = {
            'state': self._same_state,
            'objects': self._objects,
            'forward': self._forward,
            'train': self._train,
            'evaluate': self._evaluate,
            'code': lambda: check_code(self._pair),
            'data': self._data,
        }
        blocked = ''
        for level in levels:
            check = LevelCheck(level, NOT_SHOWN, blocked) if blocked else self._outcome(level, checks[level])
            yield check
            if check.failed:
                return
            if level == 'state' and not check.ok:
                blocked = check.reason

    def _same_state(self) -> Shown:
        check_config(self._pair)
        self._state = check_state(self._pair)
        if self._state.loose:
            self._note('state', [f'as the original, the pack does not load a checkpoint strictly: {self._state.loose}'])
        if self._state.uninitialized:
            why = self._state.uninitialized
            self._note('state', [f'begun with what building gives, since init_weights of the original fails: {why}'])
        return Shown((), ('init_weights',) if self._state.uninitialized else ())

    def _objects(self) -> Shown:
        """Check *objects*, with generated files (if any) for objects that read some in their constructor."""
        with contextlib.suppress(NotShownError):
            self._compared()
        overrides = self._inputs.overrides if isinstance(self._inputs, Inputs) else ()
        return check_objects(self._pair, overrides)

    def _forward(self) -> Shown:
        return self._with_inputs(check_forward)

    def _train(self) -> Shown:
        return self._with_inputs(check_train)

    def _evaluate(self) -> Shown:
        return self._with_inputs(check_evaluate)

    def _with_inputs(self, check: Callable[[Pair, str, Inputs], Shown]) -> Shown:
        """Check a level, with other images if the first do not work or take too much time or memory.

        Strides of some models reduce small images to nothing, and some models accept images of one size only.
        """
        inputs = self._compared()
        try:
            return check(self._pair, self._state.checkpoint, inputs)
        except NotShownError as error:
            if self._given is not None:
                raise
            for shape in [SMALL] if error.costly else others(self._state.sizes):
                if shape == inputs.shape:
                    continue
                try:
                    return check(self._pair, self._state.checkpoint, self._of_shape(shape))
                except NotShownError as other:
                    if other.costly:
                        break
            raise

    def _data(self) -> Shown:
        with contextlib.suppress(NotShownError):
            self._compared()  # A difference is reported by the loop below.
        for found in (self._inputs, *self._others.values()):
            if isinstance(found, DifferenceError):
                raise found
        inputs = self._compared()
        if inputs.lacking:
            raise NotShownError(f'{", ".join(inputs.usable)} shown, but not {inputs.lacking}')
        return Shown(ran=frozenset(f'{part}_dataloader' for part in inputs.usable))

    def _compared(self) -> Inputs:
        """The inputs, which both roles read equally: with different ones, later levels would prove nothing.

        Raises:
            NotShownError: There are no such inputs.
        """
        if not self._state.parts:
            raise NotShownError("there are no inputs: the package's config has no data loader")
        if self._inputs is None:
            self._inputs = self._read(lambda: self._given or make_inputs(self._pair))
        return _alike(self._inputs)

    def _of_shape(self, shape: tuple[int, int]) -> Inputs:
        """The same as ``_compared`` with images of another shape."""
        if shape not in self._others:
            self._others[shape] = self._read(lambda: make_inputs(self._pair, [shape]))
        return _alike(self._others[shape])

    def _read(self, make: Callable[[], Inputs]) -> _Found:
        """Generate inputs, and compare how both roles read them."""
        try:
            inputs = make()
            self._note('data', inputs.notes)
            return check_data(self._pair, inputs)
        except (NotShownError, DifferenceError) as error:
            return error

    def _outcome(self, level: str, check: Callable[[], Shown | None]) -> LevelCheck:
        try:
            shown = check() or Shown()
        except NotShownError as error:
            return LevelCheck(level, NOT_SHOWN, str(error))
        except DifferenceError as error:
            return LevelCheck(level, FAILED, str(error))
        self._note(level, shown.notes)
        self.ran |= shown.ran
        return LevelCheck(level, SHOWN, '', shown.without)

    def _note(self, level: str, notes: Sequence[str]) -> None:
        lines = [f'{level}: {note}' for note in notes]
        self.notes += [one for one in lines if one not in self.notes]


def _alike(found: _Found) -> Inputs:
    """The inputs, if both roles read them equally.

    Raises:
        NotShownError: There are none, or the roles read them differently.
    """
    if isinstance(found, DifferenceError):
        raise NotShownError(f'the pack is given other data: {found}')
    if isinstance(found, NotShownError):
        raise found
    return found
