"""Copies of a config to build from, since building removes items from the config's dicts."""

from __future__ import annotations

from typing import Any

from mmengine.config import ConfigDict
from mmengine.config.lazy import LazyAttr, LazyObject


def own_tree(value: Any) -> Any:
    """Copy a config so that no dict or list occurs at two places in it, and its identity determines its path.

    mmengine's lazy objects are replaced by the objects that they import.
    """
    kind = type(value)
    if issubclass(kind, (LazyObject, LazyAttr)):
        return own_tree(value.build())
    if kind is dict or kind is ConfigDict:
        copied = ConfigDict()
        for key, item in value.items():
            dict.__setitem__(copied, key, own_tree(item))
        return copied
    if kind is list or kind is tuple:
        return kind(own_tree(item) for item in value)
    return value


def joined(path: str, key: object) -> str:
    """Append a key to a config path."""
    return f'{path}.{key}' if path else str(key)
