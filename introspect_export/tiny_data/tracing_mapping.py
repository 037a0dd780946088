"""Dictionaries that record which of their keys are accessed."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

KeyPath = tuple[int, tuple[str, ...]]
"""The number of a data set, and the keys that lead to a value in its samples; ``*`` is any item of a list."""

READ, MISSING, OPTIONAL, WRITTEN, LISTED = 'read', 'missing', 'optional', 'written', 'listed'
ITEM = '*'


@dataclass
class Trace:
    """The recorded accesses, in order.

    Attributes:
        events: The kind of each access and its path: ``read`` (present), ``missing`` (absent, raises), ``optional``
            (absent, does not raise), ``written``, or ``listed`` (all items are iterated over).
        metainfo: The meta information of each data set, by its number.
        constants: The string constants in the code of each data set, by its number.
    """

    events: list[tuple[str, KeyPath]] = field(default_factory=list)
    metainfo: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    constants: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def record(self, event: str, path: KeyPath) -> None:
        """Append an access."""
        self.events.append((event, path))

    def latest(self, *events: str) -> Iterator[KeyPath]:
        """The distinct paths of accesses of the given kinds, latest first."""
        yield from dict.fromkeys(path for event, path in reversed(self.events) if event in events)

    def __deepcopy__(self, memo: dict[int, Any]) -> Trace:
        return self  # Copies of a sample record into the same trace.


class TracingMapping(dict):  # type: ignore[type-arg]
    """A dictionary that records accesses to it.

    Args:
        content: The items.
        trace: Records the accesses; None (also for instances that other code makes of this class) records nothing.
        path: The path of this dictionary in its sample.
    """

    def __init__(self, content: Mapping[str, Any], trace: Trace | None = None, path: KeyPath = (0, ())) -> None:
        super().__init__(content)
        self._trace = trace
        self._path = path

    def _record(self, event: str, key: Any) -> None:
        if self._trace is not None and isinstance(key, str):
            self._trace.record(event, (self._path[0], (*self._path[1], key)))

    def __getitem__(self, key: Any) -> Any:
        self._record(READ if dict.__contains__(self, key) else MISSING, key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        found = super().__contains__(key)
        self._record(READ if found else OPTIONAL, key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        """See ``dict.get``."""
        return super().__getitem__(key) if key in self else default

    def pop(self, key: Any, *default: Any) -> Any:
        """See ``dict.pop``."""
        found = super().__contains__(key)
        self._record(READ if found else OPTIONAL if default else MISSING, key)
        return super().pop(key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """See ``dict.setdefault``."""
        if key not in self:
            self[key] = default
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._record(WRITTEN, key)
        super().__setitem__(key, value)

    def items(self) -> Any:
        """See ``dict.items``."""
        if self._trace is not None:
            self._trace.record(LISTED, self._path)
        return super().items()

    def update(self, *others: Any, **more: Any) -> None:
        """See ``dict.update``."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def copy(self) -> TracingMapping:
        """See ``dict.copy``; the copy records into the same trace."""
        return TracingMapping(self, self._trace, self._path)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> TracingMapping:
        content = {key: copy.deepcopy(value, memo) for key, value in super().items()}
        return TracingMapping(content, self._trace, self._path)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)
