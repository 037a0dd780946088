"""The config path of a dict that is being built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from introspect_export.observe.plain import dotted_name, plain
from introspect_export.observe.raw import is_a
from introspect_export.sandbox.config_tree import joined


def nodes(value: Any, path: str = '') -> Iterator[tuple[str, Any]]:
    """Every value of a config with its path, containers before their content."""
    yield path, value
    if is_a(value, dict):
        for key, item in value.items():
            yield from nodes(item, joined(path, key))
    elif is_a(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from nodes(item, joined(path, index))


def type_text(value: Any) -> str:
    """The ``type`` of a config dict as written; a class or function as ``module.qualname``."""
    if value is None:
        return ''
    return value if is_a(value, str) else dotted_name(value)


class ConfigPaths:
    """Finds the config path of a dict, by identity, or by its content where code has copied it.

    Args:
        root: A config in which every dict occurs once (``own_tree``).
    """

    def __init__(self, root: Any) -> None:
        self._root = root  # Keeps the dicts alive: the id of a freed object may be reused.
        self._paths: dict[int, str] = {}
        self._typed: dict[str, list[tuple[str, dict[Any, Any]]]] = {}
        self.typed: dict[str, str] = {}
        for path, value in nodes(root):
            if is_a(value, dict):
                self._paths[id(value)] = path
                if 'type' in value:
                    text = type_text(value['type'])
                    # Building removes items from the dicts, so their initial content is kept.
                    self._typed.setdefault(text, []).append((path, plain(value)))
                    self.typed[path] = text

    def of(self, value: Any, text: str, under: str) -> str:
        """The path of a dict.

        Args:
            value: The dict that is being built.
            text: Its type, as written.
            under: The path of the enclosing build; copies are searched for below it.

        Returns:
            The path, or an empty string where the dict is not from the config.
        """
        exact = self._paths.get(id(value))
        if exact is not None:
            return exact
        if not is_a(value, dict):
            return ''
        candidates = [one for one in self._typed.get(text, ()) if _below(one[0], under)]
        if not candidates:
            return ''
        content = plain(dict(value))
        scores = [(_likeness(first, content), path) for path, first in candidates]
        best = max(scores, key=lambda score: score[0])
        return best[1] if best[0] > 0 else ''

    def identified(self, value: Any) -> str | None:
        """The path of exactly this dict, or None."""
        return self._paths.get(id(value))


def _below(path: str, under: str) -> bool:
    return not under or path == under or path.startswith(f'{under}.')


def _likeness(first: dict[Any, Any], content: dict[Any, Any]) -> int:
    """A score for a dict being a copy of one in the config: the number of equal items.

    It is 0 where an item differs, or where as many items are missing as are equal.
    """
    both = [key for key in first if key in content]
    if not all(_same(first[key], content[key]) for key in both):
        return 0
    equal = len(both) + ('type' not in content)
    missing = sum(1 for key in first if key not in content and key != 'type')
    return 0 if missing >= equal else equal


def _same(one: Any, other: Any) -> bool:
    """Equality of plain values; other objects (tensors, modules) are compared by identity, which runs no code."""
    if is_a(one, dict) and is_a(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if is_a(one, (list, tuple)) and is_a(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    scalars = (str, bool, int, float, complex, bytes, type(None))
    if type(one) in scalars and type(other) in scalars:
        return bool(one == other)
    return one is other
