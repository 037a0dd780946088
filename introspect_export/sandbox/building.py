"""Builds the model, and then all other sections of a config, each with real tensors if memory allows.

The memory of the two is counted separately: where a metric contains a network of its own, only the other sections are
built again on the meta device, and the model is not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic

from .meta_device import ALLOWANCE, built
from .sections import ListenerT, Sections

_BESIDE = 64 << 20
"""The bytes of real parameters and buffers that the other sections may have together, for the device ``auto``."""

Begin = Callable[[Sections[ListenerT] | None], AbstractContextManager[Sections[ListenerT]]]
"""A function from the sections built before to a context for one attempt, which yields the sections to build."""


@dataclass(frozen=True)
class Built(Generic[ListenerT]):
    """The live objects built from a config so far.

    Attributes:
        sections: The sections, with the results of building them.
        model: The model, or None.
        device: The device for the sections built next.
        real: The classes whose tensors had to be real on the meta device; see ``meta_device.built``.
    """

    sections: Sections[ListenerT]
    model: Any
    device: str
    real: tuple[str, ...]


def build_model(begin: Begin[ListenerT], device: str) -> Built[ListenerT]:
    """Build the model.

    Args:
        begin: Starts an attempt.
        device: ``cpu``, ``meta``, or ``auto``, which is ``cpu`` unless there is too little memory.
    """
    return _built(begin, device, ALLOWANCE, None)


def build_rest(begin: Begin[ListenerT], before: Built[ListenerT]) -> Built[ListenerT]:
    """Build all sections other than the model.

    Args:
        begin: Starts an attempt.
        before: The result of ``build_model``, whose device is used.
    """
    return _built(begin, before.device, _BESIDE, before)


def _built(begin: Begin[ListenerT], device: str, allowance: int, before: Built[ListenerT] | None) -> Built[ListenerT]:
    """Build the model if nothing was built before, else the other sections."""
    earlier, known = (before.sections, before.real) if before is not None else (None, ())

    def attempt(_: object) -> tuple[Sections[ListenerT], Any]:
        with begin(earlier) as sections:
            if before is None:
                return sections, sections.build_model()
            sections.build_rest(before.model)
        return sections, before.model

    (sections, model), used, real = built(device, attempt, allowance)
    return Built(sections, model, device if used == 'cpu' else used, tuple(dict.fromkeys((*known, *real))))
