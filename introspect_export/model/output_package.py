"""The package to be written, as plain values: its files, layout and registries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class OutputFile:
    """A file below the output folder.

    Attributes:
        path: The path relative to the output folder, with forward slashes.
        content: The bytes to write.
        executable: Whether the file gets the executable permission.
    """

    path: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True)
class Layout:
    """The output module of each origin module.

    Attributes:
        modules: For each origin module, the dotted name of its output module below ``pack``; ``''`` is ``pack``.
        packages: The output modules that are packages (``__init__.py``).
    """

    modules: Mapping[str, str]
    packages: frozenset[str]

    def file(self, module: str) -> str:
        """The file of an output module, relative to the output folder."""
        path = '/'.join(['pack', *(module.split('.') if module else [])])
        return f'{path}/__init__.py' if module in self.packages else f'{path}.py'


@dataclass(frozen=True)
class OutputRegistry:
    """A registry of the package.

    Attributes:
        variable: The global in ``registry.py`` that it is bound to.
        scope: The registry's scope.
        id: The id of the origin registry whose class, build function and parent it has.
    """

    variable: str
    scope: str
    id: str
