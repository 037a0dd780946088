"""A config as a tree to build from: building takes a config apart."""

from __future__ import annotations

from typing import Any

from mmengine.config import ConfigDict
from mmengine.config.lazy import LazyAttr, LazyObject


def own_tree(value: Any) -> Any:
    """A copy of a config in which no two places share a dict or list, so that identity tells where one stands."""
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
    """A config path one step further."""
    return f'{path}.{key}' if path else str(key)
