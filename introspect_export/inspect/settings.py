"""A config as a tree of the places that set its values, merged as mmengine merges configs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from introspect_export.model import Place

UNKNOWN: Any = object()
"""The value of an expression that was not followed."""
DELETE = '_delete_'


@dataclass(frozen=True)
class Setting:
    """A place that sets a value of the config.

    Attributes:
        place: The file and line; ``--cfg-options`` as the file where the value was given there.
        text: The value as it is written there.
        via: Where the variable that is written there gets its value, or None.
    """

    place: Place
    text: str
    via: Place | None = None


class Node:
    """A value in the text of a config.

    Args:
        setting: Where it is set.
        value: The value, where it is a literal; else ``UNKNOWN``.
        children: What a dict, list or tuple holds, by key or index.
        kind: ``dict``, ``list`` or ``value``.
    """

    def __init__(
        self, setting: Setting, value: Any = UNKNOWN, children: dict[str, Node] | None = None, kind: str = 'value'
    ) -> None:
        self.setting = setting
        self.value = value
        self.children = children
        self.kind = kind
        self.overridden: tuple[Setting, ...] = ()
        """The settings that this one took the place of, the last one first."""

    def copy(self, setting: Setting | None = None) -> Node:
        """A copy, perhaps set elsewhere; what it holds keeps its places."""
        children = None if self.children is None else {key: child.copy() for key, child in self.children.items()}
        result = Node(setting or self.setting, self.value, children, self.kind)
        result.overridden = () if setting else self.overridden
        return result

    def child(self, key: str) -> Node | None:
        """What it holds under a key, or None."""
        return (self.children or {}).get(key)

    def items(self) -> Iterator[Node]:
        """What it holds, in order."""
        yield from (self.children or {}).values()


def overriding(new: Node, old: Node | None) -> Node:
    """What a key is where ``new`` is written over ``old``: https://mmengine.readthedocs.io/en/latest/advanced_tutorials/config.html#delete-key-in-dict."""
    if old is None:
        return _without_marks(new)
    result = _merged(new, old) if _merges(new, old) else _without_marks(new)
    result.overridden = (*new.overridden, old.setting, *old.overridden)
    return result


def _merges(new: Node, old: Node) -> bool:
    if new.kind != 'dict' or new.children is None or old.children is None:
        return False
    if old.kind == 'list':  # A dict over a list changes the items that it has the numbers of.
        return bool(new.children) and all(key.isdigit() for key in new.children)
    delete = new.child(DELETE)
    return delete is None or delete.value is False


def _merged(new: Node, old: Node) -> Node:
    children = dict(old.children or {})
    for key, child in (new.children or {}).items():
        if key != DELETE:
            children[key] = overriding(child, children.get(key))
    return Node(new.setting, UNKNOWN, children, old.kind)


def _without_marks(node: Node) -> Node:
    if node.children is None:
        return node
    result = node.copy()
    result.children = {key: _without_marks(child) for key, child in node.children.items() if key != DELETE}
    return result


@dataclass(frozen=True)
class Origin:
    """Where a value of the config comes from.

    Attributes:
        setting: What set it last.
        overridden: What that took the place of, the last one first.
        exact: Whether the place sets this very key; else it sets one around it, by an expression that was not followed.
    """

    setting: Setting
    overridden: tuple[Setting, ...]
    exact: bool


class Settings:
    """Tells where a config's values were set.

    Args:
        names: The top-level names of the config.
        config: The merged config as plain data; where the text does not lead to its value, nothing is told.
    """

    def __init__(self, names: Mapping[str, Node], config: Any) -> None:
        self._names = names
        self._config = config

    def origin(self, path: str) -> Origin | None:
        """Where the value at a config path comes from; None where that is not certain."""
        parts = _keys(self._config, path.split('.'))
        node = self._names.get(parts[0]) if parts else None
        value = self._config
        exact = True
        for index, part in enumerate(parts):
            value = _step(value, part)
            if node is None:
                return None
            if index and node.children is None:
                exact = False
            elif index:
                node = node.child(part)
        if node is None or (exact and not _agrees(node, value)):
            return None
        return Origin(node.setting, node.overridden, exact)


def _keys(value: Any, parts: list[str]) -> list[str]:
    """The keys that a config path, split at its dots, leads through; a key may have dots itself.

    Nothing if it leads nowhere.
    """
    for size in range(1, len(parts) + 1):
        key = '.'.join(parts[:size])
        inside = _step(value, key)
        rest = _keys(inside, parts[size:]) if inside is not UNKNOWN and size < len(parts) else []
        if inside is not UNKNOWN and (rest or size == len(parts)):
            return [key, *rest]
    return []


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part, UNKNOWN)
    if isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return UNKNOWN


def _agrees(node: Node, value: Any) -> bool:
    """Whether a value may be what the text says."""
    if node.kind == 'dict':
        return isinstance(value, dict) and node.children is not None and set(node.children) == set(map(str, value))
    if node.kind == 'list':
        return isinstance(value, (list, tuple)) and len(node.children or ()) == len(value)
    return node.value is UNKNOWN or bool(node.value == value)
