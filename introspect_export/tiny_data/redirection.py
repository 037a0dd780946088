"""Redirect the data paths of a config below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .overrides import Key, Override

_META = 'metainfo'
_NO_DATA = frozenset({'type', '_scope_', _META})


def strings(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str]]:
    """The strings of a config that may name data, each with its path of keys."""
    for below, text in _all_strings(value, path):
        if not _NO_DATA.intersection(below[len(path) :]):
            yield below, text


def _all_strings(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (dict, list, tuple)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _all_strings(item, (*path, key))


def _is_metainfo(path: str, section: Any) -> bool:
    """Whether a path is a value of a section's ``metainfo``: mmengine checks whether such a value is a file."""
    return any(_META in below and text == path for below, text in _all_strings(section))


def normal(path: str) -> str:
    """A normalized path with forward slashes; relative, if it is below the working folder."""
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
    """Redirects the data paths of a config below a folder; the same path in several sections to the same place.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._known: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many strings are redirected."""
        return len(self._known)

    def inside(self, path: str) -> bool:
        """Whether a path is below the folder."""
        path = os.path.abspath(path)
        return path == self.root or path.startswith(self.root + os.sep)

    def target(self, text: str) -> str:
        """The redirected path of a string of the config."""
        parts = [{'..': '__'}.get(part, part.replace(':', '')) for part in normal(text).split('/') if part]
        return '/'.join([self.root, *parts]) + ('/' if text.endswith('/') else '')

    def add(self, path: str, section: Any) -> str:
        """Redirect the longest string of a section that is a requested path or a folder above it.

        Returns:
            The string; empty where there is none.
        """
        if _is_metainfo(path, section):
            return ''
        found = {text for _, text in strings(section) if covers(text, path)}
        if not found:
            return ''
        text = max(found, key=len)
        self._known[normal(text)] = text
        return text

    def named(self, path: str, section: Any) -> bool:
        """Whether a string of a section is the end of a path, not only a folder above it."""
        path = normal(path)
        return any(path.endswith('/' + normal(text)) for _, text in strings(section) if text.strip('./'))

    def overrides(self, section: Any, path: tuple[Key, ...] = ()) -> list[Override]:
        """The overrides that redirect a section of the config.

        Args:
            section: The section.
            path: Its path of keys.
        """
        found = []
        for below, text in strings(section, path):
            if not self.inside(text) and any(covers(known, text) for known in self._known.values()):
                found.append(Override(below, self.target(text)))
        return found
