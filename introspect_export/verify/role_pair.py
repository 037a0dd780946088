"""The two roles that are compared, and the exceptions for the outcome of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from introspect_export.verify.compare import Comparison
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.roles import Role

Answer = Mapping[str, Any]


_SHORT = ('TimeOut', 'SIGKILL', 'MemoryError')
"""The kinds of failure that are due to too little time or memory, for either role."""
_CRASHED = 'Killed'
_COSTLY = (*_SHORT, _CRASHED, 'Died')
_REPEATS = 3

OF_ONE = Comparison(RenamedTypes({}))
"""The comparison of two runs of the original."""


class NotShownError(Exception):
    """A level cannot be checked here, for a reason that is no fault of the package.

    Attributes:
        costly: Whether time or memory did not suffice.
    """

    def __init__(self, reason: str, costly: bool = False) -> None:
        super().__init__(reason)
        self.costly = costly


class DifferenceError(Exception):
    """The package behaves differently from the original."""


@dataclass(frozen=True)
class Pair:
    """The original and the package.

    Attributes:
        original: The original.
        pack: The package.
        naming: The correspondence of their names.
        parallel: Whether memory suffices to run both at the same time.
    """

    original: Role
    pack: Role
    naming: RenamedTypes
    parallel: bool

    @property
    def comparison(self) -> Comparison:
        """The comparison of their trees."""
        return Comparison(self.naming)

    def ask(self, step: str, original: Mapping[str, Any], pack: Mapping[str, Any]) -> tuple[Answer, Answer]:
        """Run a step in both roles.

        Args:
            step: The step's name; see ``child/steps.py``.
            original: The arguments for the original.
            pack: The arguments for the package.

        Returns:
            The answers of the original and of the package.

        Raises:
            NotShownError: The step fails for the original, or for lack of time or memory.
            DifferenceError: The step fails only for the package; where its process crashes, also in repeated runs of
                the original.
        """
        if not self.parallel:
            first = done(self.original.ask(step, **original), 'original')
            second = self.pack.ask(step, **pack)
        else:
            with ThreadPoolExecutor(1) as pool:
                ahead = pool.submit(self.original.ask, step, **original)
                second = self.pack.ask(step, **pack)
                first = done(ahead.result(), 'original')
        if not second['ok'] and second['kind'] == _CRASHED:
            # Compiled code that accesses memory which it does not own crashes only in some runs, the original's too.
            for _ in range(_REPEATS):
                done(self.original.ask(step, **original), 'original')
        return first, done(second, 'pack')

    def both(self, step: str, **arguments: Any) -> tuple[Answer, Answer]:
        """Run a step in both roles with the same arguments; see ``ask``."""
        return self.ask(step, arguments, arguments)

    def dumped(self, step: str, path: str, **arguments: Any) -> str:
        """Describe the first difference of one value, which both roles write in full.

        Args:
            step: The step.
            path: The path of the value, for the description.
            arguments: The arguments of the step, which select the value.
        """
        original, pack = self.both(step, **arguments)
        return self.comparison.first(read(original['file']), read(pack['file']), path)


def done(answer: Answer, who: str) -> Answer:
    """The answer, if the step succeeded.

    Args:
        answer: The answer of a role.
        who: The role, ``original`` or ``pack``.

    Raises:
        NotShownError: The step failed for the original, or for lack of time or memory.
        DifferenceError: It failed for the package.
    """
    if answer['ok']:
        return answer
    text = f'{who}: {answer["reason"]}'
    if who == 'original' or answer['kind'] in _SHORT:
        raise NotShownError(text, costly=answer['kind'] in _COSTLY)
    raise DifferenceError(text)


def read(file: str) -> Any:
    """Read a file that a role wrote."""
    return torch.load(Path(file), weights_only=False)
