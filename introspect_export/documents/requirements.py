"""The libraries that a package imports, from the import statements of its files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from introspect_export.documents.installed import Installed
from introspect_export.documents.outline import outline

# The list came with Python 3.10; before, what no distribution provides is taken for the standard library.
_STANDARD: frozenset[str] | None = getattr(sys, 'stdlib_module_names', None)


@dataclass(frozen=True, order=True)
class Requirement:
    """A library.

    Attributes:
        name: The distribution's name, or the module's where no distribution provides it here.
        version: The version seen, or empty where it is not installed.
        modules: The top-level modules imported.
        where: The first import of it, ``file:line``.
    """

    name: str
    version: str
    modules: tuple[str, ...]
    where: str

    @property
    def line(self) -> str:
        """The line of a requirements file."""
        if self.version:
            return f'{self.name}=={self.version}'
        return f'# {self.name}: imported by {self.where}, not installed where this was written'


def requirements(files: Mapping[str, str], own: str, versions: Mapping[str, str], here: Installed) -> list[Requirement]:
    """The libraries that some files import.

    Args:
        files: The text of Python files by path.
        own: The top-level package that the files are.
        versions: The versions seen, by distribution; others are taken from what is installed.
        here: What is installed.

    Returns:
        One for each distribution, by name.
    """
    modules: dict[str, str] = {}
    for path in sorted(files):
        for line, module in outline(files[path]).imports:
            modules.setdefault(module.partition('.')[0], f'{path}:{line}')
    modules.pop(own, None)
    found: dict[str, Requirement] = {}
    for module, where in sorted(modules.items()):
        distribution = here.of(module)
        if distribution is None and (_STANDARD is None or module in _STANDARD):
            continue
        name = distribution.name if distribution is not None else module
        seen = versions.get(name) or (distribution.version if distribution is not None else '')
        known = found.get(name)
        names = (*known.modules, module) if known is not None else (module,)
        found[name] = Requirement(name, seen.partition('+')[0], names, known.where if known is not None else where)
    return sorted(found.values(), key=lambda one: (not one.version, one.name.lower()))
