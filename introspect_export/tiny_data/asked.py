"""Mappings that take down which of their keys are asked for."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Place = tuple[int, tuple[str, ...]]
"""Which data set, and the keys that lead to a value of its samples; ``*`` for any item of a list."""

READ, MISSING, OFFERED, WRITTEN, LISTED = 'read', 'missing', 'offered', 'written', 'listed'
ITEM = '*'


@dataclass
class Trace:
    """What was asked for, in the order of time.

    Attributes:
        events: What became of each question, and the place: it was ``read``; it was ``missing``, which is an error to
            the one who asked; it is taken where it is ``offered``, and was not there; it was ``written``; all there is
            was ``listed``.
        described: What each data set says of itself, by its number.
        named: The keys that the code of each data set names, by its number.
    """

    events: list[tuple[str, Place]] = field(default_factory=list)
    described: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    named: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def note(self, event: str, place: Place) -> None:
        """Take one down."""
        self.events.append((event, place))

    def last(self, *events: str) -> Iterator[Place]:
        """The places of some events, the last first, each once."""
        yield from dict.fromkeys(place for event, place in reversed(self.events) if event in events)

    def __deepcopy__(self, memo: dict[int, Any]) -> Trace:
        return self  # A sample that is copied goes on telling the same one.


class Asked(dict):  # type: ignore[type-arg]
    """A mapping that tells a trace what it is asked for.

    Args:
        content: What it holds.
        trace: Who is told; a mapping that others make of this class tells nobody.
        place: Where it is.
    """

    def __init__(self, content: Mapping[str, Any], trace: Trace | None = None, place: Place = (0, ())) -> None:
        super().__init__(content)
        self._trace = trace
        self._place = place

    def _note(self, event: str, key: Any) -> None:
        if self._trace is not None and isinstance(key, str):
            self._trace.note(event, (self._place[0], (*self._place[1], key)))

    def __getitem__(self, key: Any) -> Any:
        self._note(READ if dict.__contains__(self, key) else MISSING, key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        found = super().__contains__(key)
        self._note(READ if found else OFFERED, key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        """As a dictionary's."""
        return super().__getitem__(key) if key in self else default

    def pop(self, key: Any, *default: Any) -> Any:
        """As a dictionary's."""
        found = super().__contains__(key)
        self._note(READ if found else OFFERED if default else MISSING, key)
        return super().pop(key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """As a dictionary's."""
        if key not in self:
            self[key] = default
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._note(WRITTEN, key)
        super().__setitem__(key, value)

    def items(self) -> Any:
        """As a dictionary's."""
        if self._trace is not None:
            self._trace.note(LISTED, self._place)
        return super().items()

    def update(self, *others: Any, **more: Any) -> None:
        """As a dictionary's."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def copy(self) -> Asked:
        """As a dictionary's; the copy tells the same."""
        return Asked(self, self._trace, self._place)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Asked:
        return Asked({key: copy.deepcopy(value, memo) for key, value in super().items()}, self._trace, self._place)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)
