"""What making a tiny data set comes to, and how a config is led to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Union

Key = Union[str, int]


@dataclass(frozen=True)
class Override:
    """One value of a config that is to be another.

    Attributes:
        path: The keys and indexes that lead to it.
        value: What is to be there: plain data.
        inside: The key of the value under which what was there goes on; empty where it does not.
    """

    path: tuple[Key, ...]
    value: Any
    inside: str = ''


@dataclass(frozen=True)
class TinyData:
    """A tiny data set.

    Attributes:
        root: The folder that holds the files.
        overrides: How a config of the same structure is led to them.
        parts: Why a part's data set gives no samples; empty where it does.
        notes: What else is to be known.
    """

    root: str
    overrides: tuple[Override, ...]
    parts: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> TinyData:
        """From what ``to_json`` gave, through JSON or not."""
        overrides = tuple(Override(tuple(one['path']), one['value'], one['inside']) for one in content['overrides'])
        return cls(content['root'], overrides, dict(content['parts']), tuple(content['notes']))


def apply(config: Any, overrides: Iterable[Override]) -> Any:
    """Change a config where the overrides say, in place; a path that it does not have is an error."""
    for override in overrides:
        *parents, last = override.path
        holder = config
        for key in parents:
            holder = holder[key]
        inner = {override.inside: holder[last]} if override.inside else {}
        holder[last] = {**override.value, **inner} if inner else override.value
    return config


def at(config: Any, path: Sequence[Key]) -> Any:
    """The value of a config under a path."""
    for key in path:
        config = config[key]
    return config
