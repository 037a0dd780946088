"""The requirements of a package, from the import statements of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from introspect_export.distributions import stdlib_names
from introspect_export.documents.installed_distributions import Installed
from introspect_export.documents.module_outline import outline


@dataclass(frozen=True, order=True)
class Requirement:
    """A required distribution.

    Attributes:
        name: Its name, or the module's where no installed distribution provides it.
        version: Its version, or empty where it is not installed.
        modules: Its top-level modules that are imported.
        where: Its first import, ``file:line``.
    """

    name: str
    version: str
    modules: tuple[str, ...]
    where: str

    @property
    def line(self) -> str:
        """Its line in a requirements file."""
        if self.version:
            return f'{self.name}=={self.version}'
        return f'# {self.name}: imported by {self.where}, not installed where this was written'


def requirements(files: Mapping[str, str], own: str, versions: Mapping[str, str], here: Installed) -> list[Requirement]:
    """The distributions that files import.

    Args:
        files: The text of Python files by path.
        own: The package of the files.
        versions: The version of each distribution seen, by name; those of others are looked up.
        here: The installed distributions.

    Returns:
        The requirements by name; those not installed last.
    """
    modules: dict[str, str] = {}
    for path in sorted(files):
        for line, module in outline(files[path]).imports:
            modules.setdefault(module.partition('.')[0], f'{path}:{line}')
    modules.pop(own, None)
    found: dict[str, Requirement] = {}
    for module, where in sorted(modules.items()):
        distribution = here.of(module)
        if distribution is None and module in stdlib_names():
            continue
        name = distribution.name if distribution is not None else module
        seen = versions.get(name) or (distribution.version if distribution is not None else '')
        known = found.get(name)
        names = (*known.modules, module) if known is not None else (module,)
        found[name] = Requirement(name, seen.partition('+')[0], names, known.where if known is not None else where)
    return sorted(found.values(), key=lambda one: (not one.version, one.name.lower()))
