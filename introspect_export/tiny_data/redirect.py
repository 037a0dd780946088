"""Which strings of a config name data, and where that data is below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .facts import Key, Override

_META = 'metainfo'
_NO_DATA = frozenset({'type', '_scope_', _META})


def strings(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Every string of a config that may name data, with its path."""
    for below, text in _all_strings(value, path):
        if not _NO_DATA.intersection(below[len(path) :]):
            yield below, text


def _all_strings(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (dict, list, tuple)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _all_strings(item, (*path, key))


def _meta(path: str, section: Any) -> bool:
    """Whether a path is a word of a section's meta information: mmengine tries whether one of these is a file."""
    return any(_META in below and text == path for below, text in _all_strings(section))


def normal(path: str) -> str:
    """A path without its redundancies, with forward slashes; what is below the working folder relative to it."""
    path = os.path.normpath(path)
    here = os.getcwd()
    if os.path.isabs(path) and (path == here or path.startswith(here + os.sep)):
        path = os.path.relpath(path, here)
    return path.replace(os.sep, '/')


def covers(text: str, path: str) -> bool:
    """Whether a string of the config is the path, or a folder above it."""
    if not text.strip() or text in ('.', './', '/') or '://' in text:
        return False
    text, path = normal(text), normal(path)
    return path == text or path.startswith(text + '/')


class Redirection:
    """Leads data that a config names below a folder; the same data of several sections to the same place.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._known: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many strings are led below the folder."""
        return len(self._known)

    def inside(self, path: str) -> bool:
        """Whether a path is below the folder already."""
        path = os.path.abspath(path)
        return path == self.root or path.startswith(self.root + os.sep)

    def place(self, text: str) -> str:
        """Where what a string of the config names is now."""
        parts = [{'..': '__'}.get(part, part.replace(':', '')) for part in normal(text).split('/') if part]
        return '/'.join([self.root, *parts]) + ('/' if text.endswith('/') else '')

    def add(self, path: str, section: Any) -> str:
        """Lead a path that was asked for below the folder, by the longest string of a section that covers it.

        Returns:
            The string, or nothing where none covers it.
        """
        if _meta(path, section):
            return ''
        found = {text for _, text in strings(section) if covers(text, path)}
        if not found:
            return ''
        text = max(found, key=len)
        self._known[normal(text)] = text
        return text

    def covered(self, path: str) -> bool:
        """Whether a path is below one that was led away, and is not to be read where it was."""
        return not self.inside(path) and any(covers(text, path) for text in self._known.values())

    def named(self, path: str, section: Any) -> bool:
        """Whether a section of the config names a file itself, not only a folder above it."""
        path = normal(path)
        return any(path.endswith('/' + normal(text)) for _, text in strings(section) if text.strip('./'))

    def overrides(self, section: Any, path: tuple[Key, ...] = ()) -> list[Override]:
        """What has to be changed in a section of the config, given with the path of it."""
        found = []
        for below, text in strings(section, path):
            if not self.inside(text) and any(covers(known, text) for known in self._known.values()):
                found.append(Override(below, self.place(text)))
        return found
