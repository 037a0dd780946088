"""The level *data*: data sets and pipelines give the same for the same index and seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from introspect_export.verify.image_sizes import SHAPE, SQUARE
from introspect_export.verify.role_pair import OF_ONE, DifferenceError, NotShownError, Pair, done, read

T = TypeVar('T')

IMAGES = 4


@dataclass(frozen=True)
class Inputs:
    """The data that levels are shown with.

    Attributes:
        overrides: What to replace in both configs.
        parts: For each part why it has no data, or nothing.
        notes: What there is to say of it.
        shape: The height and width of its pictures, as long as nothing wants larger ones.
        smaller: What else to replace for smaller pictures and shorter clips, with which a model may still do what it
            does: several ways, the smallest first.
    """

    overrides: Sequence[Any]
    parts: Mapping[str, str]
    notes: tuple[str, ...] = ()
    smaller: Sequence[Sequence[Any]] = ()
    shape: tuple[int, int] = SHAPE

    def smallest(self, check: Callable[[Sequence[Any]], T], enough: Callable[[T], bool] = lambda _: True) -> T:
        """Check with the overrides that take the least time and for which that works.

        Args:
            check: Takes the overrides.
            enough: Whether what it found will do; else the next ones are tried.

        Raises:
            NotShownError: It does not work with all that was made, or takes too much with less.
        """
        for some in self.smaller:
            try:
                found = check([*self.overrides, *some])
            except NotShownError as error:
                if error.costly:
                    raise
            else:
                if enough(found):
                    return found
        return check(self.overrides)

    @property
    def usable(self) -> list[str]:
        """The parts that have data."""
        return [part for part, reason in self.parts.items() if not reason]

    @property
    def lacking(self) -> str:
        """Why parts have no data."""
        return '; '.join(f'{part}: {reason}' for part, reason in self.parts.items() if reason)


def make_inputs(pair: Pair, shapes: Sequence[tuple[int, int]] = (SHAPE, SQUARE)) -> Inputs:
    """Have the original's code read data that is made for it.

    Args:
        pair: The original and the pack.
        shapes: The heights and widths of pictures to try; where one leaves no part without data, no other is.

    Raises:
        NotShownError: None can be made for any part.
    """
    best: Inputs | None = None
    for shape in shapes:
        answer = done(pair.original.ask('tiny', shape=shape, images=IMAGES), 'original')
        found = Inputs(answer['overrides'], answer['parts'], tuple(answer['notes']), answer['smaller'], shape)
        if best is None or len(found.usable) > len(best.usable):
            best = found
        if not found.lacking:
            break
    if best is not None and best.lacking:
        best = _without_files(pair, best, shapes)
    return _some(best or Inputs((), {}))


def _some(inputs: Inputs) -> Inputs:
    """The inputs, where any part has data.

    Raises:
        NotShownError: None has.
    """
    if not inputs.usable:
        raise NotShownError(f'no inputs could be made: {inputs.lacking or "the config has no data loader"}')
    return inputs


def _without_files(pair: Pair, inputs: Inputs, shapes: Sequence[tuple[int, int]]) -> Inputs:
    """Inputs in which pipelines are given what they ask for, for the parts whose data sets have nothing to read."""
    for shape in shapes:
        answer = pair.original.ask(
            'tiny',
            shape=shape,
            images=IMAGES,
            overrides=inputs.overrides,
            parts=[part for part, reason in inputs.parts.items() if reason],
            without_files=True,
        )
        if answer['ok']:
            inputs = replace(inputs, parts={**inputs.parts, **answer['parts']})
            if not all(answer['parts'].values()):
                notes = (*inputs.notes, *answer['notes'])
                inputs = Inputs(answer['overrides'], inputs.parts, notes, answer['smaller'], shape)
        if not inputs.lacking:
            break
    return inputs


def check_data(pair: Pair, inputs: Inputs) -> Inputs:
    """Compare what both give.

    Returns:
        The inputs without the parts that the original itself cannot read.

    Raises:
        NotShownError: The original cannot do it here, or does not do the same each time.
        DifferenceError: Something differs.
    """
    arguments: dict[str, Any] = {'overrides': inputs.overrides, 'parts': inputs.usable}
    original, pack = pair.both('data', **arguments)
    for part, error in pack['errors'].items():
        if part not in original['errors']:
            raise DifferenceError(f'{part}: {error}')
    parts = {**inputs.parts, **original['errors']}
    left, right = dict(read(original['file'])), dict(read(pack['file']))
    for path, tree in left.items():
        other = right.get(path)
        difference = f'{path}: pack has none' if other is None else pair.comparison.first(tree, other, f'{path}: ')
        if difference:
            again = dict(read(done(pair.original.ask('data', **arguments), 'original')['file']))
            if path not in again or OF_ONE.first(tree, again[path]):
                raise NotShownError(f'{path}: the original itself gives something else each time')
            raise DifferenceError(difference)
    return _some(replace(inputs, parts=parts))
