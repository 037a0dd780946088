"""The level *data*: data sets and pipelines return equal samples for the same index and seed."""

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
    """The data that levels are checked with.

    Attributes:
        overrides: The overrides of both configs that make data sets read it.
        parts: For each part (``train``, ``val``, ``test``), the reason why it has no data, or empty.
        notes: Notes for the result.
        shape: The height and width of the generated images.
        smaller: Further overrides for smaller crops and shorter clips, with which the model may work: several
            alternatives, the smallest first.
    """

    overrides: Sequence[Any]
    parts: Mapping[str, str]
    notes: tuple[str, ...] = ()
    smaller: Sequence[Sequence[Any]] = ()
    shape: tuple[int, int] = SHAPE

    def smallest(self, check: Callable[[Sequence[Any]], T], enough: Callable[[T], bool] = lambda _: True) -> T:
        """Run a check with the smallest overrides for which it can be done.

        Args:
            check: The check, a function of the overrides.
            enough: Whether its result is sufficient; else the next alternative is tried.

        Returns:
            The result of the check.

        Raises:
            NotShownError: The check cannot be done with any overrides, or takes too much time or memory.
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
        """The reasons why parts have no data, as one text."""
        return '; '.join(f'{part}: {reason}' for part, reason in self.parts.items() if reason)


def make_inputs(pair: Pair, shapes: Sequence[tuple[int, int]] = (SHAPE, SQUARE)) -> Inputs:
    """Generate data that the original's data sets can read.

    Args:
        pair: The original and the package.
        shapes: The heights and widths of images to try, until all parts have data.

    Raises:
        NotShownError: No data can be generated for any part.
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
    return _usable(best or Inputs((), {}))


def _usable(inputs: Inputs) -> Inputs:
    """The inputs themselves, if any part has data.

    Raises:
        NotShownError: No part has data.
    """
    if not inputs.usable:
        raise NotShownError(f'no inputs could be made: {inputs.lacking or "the config has no data loader"}')
    return inputs


def _without_files(pair: Pair, inputs: Inputs, shapes: Sequence[tuple[int, int]]) -> Inputs:
    """Add synthetic samples for the pipelines of those parts whose data sets' files cannot be generated."""
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
    """Compare the samples and batches of both roles.

    Args:
        pair: The original and the package.
        inputs: The data.

    Returns:
        The inputs without the parts that the original itself cannot read.

    Raises:
        NotShownError: The original cannot read any part, or is not deterministic.
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
            # Only a deterministic original proves that the package differs.
            again = dict(read(done(pair.original.ask('data', **arguments), 'original')['file']))
            if path not in again or OF_ONE.first(tree, again[path]):
                raise NotShownError(f'{path}: the original itself gives something else each time')
            raise DifferenceError(difference)
    return _usable(replace(inputs, parts=parts))
