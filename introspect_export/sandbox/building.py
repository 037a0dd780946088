"""Build the model and then everything else that a config declares, each with real tensors while there is room.

The two are counted apart. A metric that carries a network of its own then costs no second building of the model, and
whatever is large beside the model has no values from its beginning on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic

from .meta_device import ALLOWANCE, built
from .sections import ListenerT, Sections

_BESIDE = 64 << 20
"""The bytes of parameters and buffers that are real in what stands beside the model, where the choice is ours."""

Begin = Callable[[Sections[ListenerT] | None], AbstractContextManager[Sections[ListenerT]]]
"""Gives the sections that an attempt is to build, and what it goes on in, from those that were built before."""


@dataclass(frozen=True)
class Built(Generic[ListenerT]):
    """What was built of a config so far, alive.

    Attributes:
        sections: What became of the sections.
        model: The model, or None.
        device: Where to build what comes next.
        real: The classes whose tensors had to be real although there was no room.
    """

    sections: Sections[ListenerT]
    model: Any
    device: str
    real: tuple[str, ...]


def build_model(begin: Begin[ListenerT], device: str) -> Built[ListenerT]:
    """Build the model: on ``cpu``, ``meta``, or ``auto``, which is ``cpu`` while there is room."""
    return _built(begin, device, ALLOWANCE, None)


def build_rest(begin: Begin[ListenerT], before: Built[ListenerT]) -> Built[ListenerT]:
    """Build the other sections: as the model was, or without values what is large where the choice is ours."""
    return _built(begin, before.device, _BESIDE, before)


def _built(begin: Begin[ListenerT], device: str, allowance: int, before: Built[ListenerT] | None) -> Built[ListenerT]:
    """The model where nothing was built before, else the rest."""
    earlier, known = (before.sections, before.real) if before is not None else (None, ())

    def attempt(_: object) -> tuple[Sections[ListenerT], Any]:
        with begin(earlier) as sections:
            if before is None:
                return sections, sections.build_model()
            sections.build_rest(before.model)
        return sections, before.model

    (sections, model), used, real = built(device, attempt, allowance)
    return Built(sections, model, device if used == 'cpu' else used, tuple(dict.fromkeys((*known, *real))))
