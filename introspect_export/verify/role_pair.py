"""Both roles, asked the same at the same time."""

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
"""Time or memory of this machine were not enough: nobody is to blame."""
_COSTLY = (*_SHORT, 'Killed', 'Died')

OF_ONE = Comparison(RenamedTypes({}))
"""Compares the original with itself."""


class NotShownError(Exception):
    """A level cannot be shown here, for a reason that says nothing against the pack.

    Attributes:
        costly: Whether the time or the memory was not enough.
    """

    def __init__(self, reason: str, costly: bool = False) -> None:
        super().__init__(reason)
        self.costly = costly


class DifferenceError(Exception):
    """The pack does something else than the original."""


@dataclass(frozen=True)
class Pair:
    """The original and the pack.

    Attributes:
        original: The original.
        pack: The pack.
        naming: What the pack calls the original's classes.
        parallel: Whether there is room for both to work at the same time.
    """

    original: Role
    pack: Role
    naming: RenamedTypes
    parallel: bool

    @property
    def comparison(self) -> Comparison:
        """What compares their trees."""
        return Comparison(self.naming)

    def ask(self, step: str, original: Mapping[str, Any], pack: Mapping[str, Any]) -> tuple[Answer, Answer]:
        """Have both do a step.

        Raises:
            NotShownError: The original cannot do it here.
            DifferenceError: The pack cannot do it, and the original can.
        """
        if not self.parallel:
            return done(self.original.ask(step, **original), 'original'), done(self.pack.ask(step, **pack), 'pack')
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self.original.ask, step, **original)
            answer = self.pack.ask(step, **pack)
            return done(ahead.result(), 'original'), done(answer, 'pack')

    def both(self, step: str, **arguments: Any) -> tuple[Answer, Answer]:
        """Have both do a step with the same arguments."""
        return self.ask(step, arguments, arguments)

    def dumped(self, step: str, path: str, **arguments: Any) -> str:
        """The first difference of one value, which both are asked to write in whole."""
        original, pack = self.both(step, **arguments)
        return self.comparison.first(read(original['file']), read(pack['file']), path)


def done(answer: Answer, who: str) -> Answer:
    """An answer that is one.

    Raises:
        NotShownError: The original, or this machine, is to blame.
        DifferenceError: The pack is.
    """
    if answer['ok']:
        return answer
    text = f'{who}: {answer["reason"]}'
    if who == 'original' or answer['kind'] in _SHORT:
        raise NotShownError(text, costly=answer['kind'] in _COSTLY)
    raise DifferenceError(text)


def read(file: str) -> Any:
    """What a role wrote."""
    return torch.load(Path(file), weights_only=False)
