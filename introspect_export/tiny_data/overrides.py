"""The result of making a tiny data set, and the config overrides that select it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Key = str | int


@dataclass(frozen=True)
class Override:
    """A replacement of one config value.

    Attributes:
        path: The keys and indexes that lead to the value.
        value: The new value, as plain data.
        inside: The key of ``value`` that receives the old value; empty to drop the old value.
    """

    path: tuple[Key, ...]
    value: Any
    inside: str = ''


@dataclass(frozen=True)
class TinyData:
    """A tiny data set.

    Attributes:
        root: The folder of the files.
        overrides: Make a config of the same structure use the files.
        parts: For each part, why its data set gives no samples; empty where it does.
        notes: Further messages for the user.
    """

    root: str
    overrides: tuple[Override, ...]
    parts: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Convert to plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> TinyData:
        """Convert from the result of ``to_json``, also after a round trip through JSON."""
        overrides = tuple(Override(tuple(one['path']), one['value'], one['inside']) for one in content['overrides'])
        return cls(content['root'], overrides, dict(content['parts']), tuple(content['notes']))


def apply(config: Any, overrides: Iterable[Override]) -> Any:
    """Apply overrides to a config in place, and return it.

    Raises:
        KeyError: The config has no value at an override's path.
        IndexError: The same, for a list.
    """
    for override in overrides:
        *parents, last = override.path
        holder = config
        for key in parents:
            holder = holder[key]
        inner = {override.inside: holder[last]} if override.inside else {}
        holder[last] = {**override.value, **inner} if inner else override.value
    return config
