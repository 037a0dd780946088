"""The modules of the origins, each read once when first asked for."""

from __future__ import annotations

import functools
import os

from introspect_export.model import SourceModule, World
from introspect_export.read.parts import read_module


class SourceTree:
    """Reads modules by name, each at most once.

    Args:
        world: Knows the file of every module of the observed process.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._read: dict[str, SourceModule | None] = {}

    def __call__(self, name: str) -> SourceModule | None:
        """Return a module with its parts; None where it has no source or is no origin's.

        Raises:
            ExportError: The source cannot be read.
        """
        if name not in self._read:
            source = self._world.source(name) if self._world.is_origin(name) else None
            self._read[name] = _read(name, source[0], source[1], os.stat(source[0]).st_mtime_ns) if source else None
        return self._read[name]


@functools.cache
def _read(name: str, file: str, is_package: bool, changed: int) -> SourceModule:
    """A module as it was when its file was changed last; several exports of one process share it."""
    return read_module(name, file, is_package)
