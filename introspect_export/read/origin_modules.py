"""The modules of the origin packages, each read once, at its first use."""

from __future__ import annotations

import functools
import os
from collections.abc import Container

from introspect_export.model import SourceModule, World
from introspect_export.read.parts import read_module


class SourceTree:
    """Reads modules by name, each at most once.

    Args:
        world: Provides the source file of every module of the observed process.
        more: Names of library modules that are read as well.
    """

    def __init__(self, world: World, more: Container[str] = ()) -> None:
        self._world = world
        self._more = more
        self._read: dict[str, SourceModule | None] = {}

    def __call__(self, name: str) -> SourceModule | None:
        """Return a module with its parts; None if it has no source or belongs to neither an origin nor ``more``.

        Raises:
            ExportError: The source cannot be read.
        """
        if name not in self._read:
            wanted = self._world.is_origin(name) or name in self._more
            source = self._world.source(name) if wanted else None
            self._read[name] = _read(name, source[0], source[1], os.stat(source[0]).st_mtime_ns) if source else None
        return self._read[name]


@functools.cache
def _read(name: str, file: str, is_package: bool, changed: int) -> SourceModule:
    """Read a module; cached, so that several exports in one process share it.

    The file's modification time is a part of the cache key, so that a changed file is read again.
    """
    return read_module(name, file, is_package)
