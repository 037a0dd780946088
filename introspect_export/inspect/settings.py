"""A config as a tree of the places that set its values, merged as mmengine merges configs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from introspect_export.model import Place

UNKNOWN: Any = object()
"""The value of an expression that was not interpreted."""
DELETE = '_delete_'


@dataclass(frozen=True)
class Setting:
    """A place that sets a value of the config.

    Attributes:
        place: The file and line; for an option of the command line, the file is ``--cfg-options``.
        text: The source text of the value.
        via: If that is a variable, the place that sets the variable.
    """

    place: Place
    text: str
    via: Place | None = None


class Node:
    """A value in a config file.

    Args:
        setting: The place that sets it.
        value: The value of a literal; else ``UNKNOWN``.
        children: The content of a dict, list or tuple, by key or index; None if unknown.
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
        """The settings that this one overrides, the last one first."""

    def copy(self, setting: Setting | None = None) -> Node:
        """A deep copy, with another setting if given; the children keep theirs."""
        children = None if self.children is None else {key: child.copy() for key, child in self.children.items()}
        result = Node(setting or self.setting, self.value, children, self.kind)
        result.overridden = () if setting else self.overridden
        return result

    def child(self, key: str) -> Node | None:
        """The child of a key, or None."""
        return (self.children or {}).get(key)

    def items(self) -> Iterator[Node]:
        """The children, in order."""
        yield from (self.children or {}).values()


def overriding(new: Node, old: Node | None) -> Node:
    """The merge of ``new`` over ``old``: https://mmengine.readthedocs.io/en/latest/advanced_tutorials/config.html#delete-key-in-dict."""
    if old is None:
        return _without_marks(new)
    result = _merged(new, old) if _merges(new, old) else _without_marks(new)
    result.overridden = (*new.overridden, old.setting, *old.overridden)
    return result


def _merges(new: Node, old: Node) -> bool:
    if new.kind != 'dict' or new.children is None or old.children is None:
        return False
    if old.kind == 'list':  # A dict over a list changes the items whose indices are its keys.
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
    """The source of a value in the config.

    Attributes:
        setting: The place that set it last.
        overridden: The places that this one overrides, the last one first.
        exact: Whether the place sets this key itself; else an enclosing key, by an expression that was not interpreted.
    """

    setting: Setting
    overridden: tuple[Setting, ...]
    exact: bool


class Settings:
    """Finds the places that set a config's values.

    Args:
        names: The nodes of the config's top-level names.
        config: The merged config as plain data. Where its value contradicts the node, no place is returned.
    """

    def __init__(self, names: Mapping[str, Node], config: Any) -> None:
        self._names = names
        self._config = config

    def origin(self, path: str) -> Origin | None:
        """The source of the value at a config path; None where that is not certain."""
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
    """The keys of a config path that was split at its dots, since keys may have dots themselves.

    Empty if the path does not exist.
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
    """Whether a value is consistent with a node: equal to a literal, or with the same keys or length."""
    if node.kind == 'dict':
        return isinstance(value, dict) and node.children is not None and set(node.children) == set(map(str, value))
    if node.kind == 'list':
        return isinstance(value, (list, tuple)) and len(node.children or ()) == len(value)
    return node.value is UNKNOWN or bool(node.value == value)
