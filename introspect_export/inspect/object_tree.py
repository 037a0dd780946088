"""Objects as a tree, by their paths."""

from __future__ import annotations

from collections.abc import Iterable

from introspect_export.inspect.findings import Branch, Item


def tree_of(items: Iterable[Item]) -> tuple[Branch, ...]:
    """Arrange objects in a tree: the parent of each has the longest path that is a prefix, or is the section."""
    by_path = {item.path: item for item in items}
    below: dict[str, list[str]] = {}
    for path in by_path:
        if '.' in path:
            below.setdefault(_holder(path, by_path), []).append(path)
    sections = dict.fromkeys(path.partition('.')[0] for path in by_path)
    return tuple(_branch(section, '', by_path, below) for section in sections)


def _holder(path: str, by_path: dict[str, Item]) -> str:
    parts = path.split('.')
    for length in range(len(parts) - 1, 1, -1):
        prefix = '.'.join(parts[:length])
        if prefix in by_path:
            return prefix
    return parts[0]


def _branch(path: str, above: str, by_path: dict[str, Item], below: dict[str, list[str]]) -> Branch:
    branches = tuple(_branch(each, path, by_path, below) for each in below.get(path, ()))
    label = path[len(above) + 1 :] if above else path
    return Branch(label, path, by_path.get(path), branches)
