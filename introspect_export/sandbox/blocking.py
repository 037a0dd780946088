"""Blocking the import of packages, for a context or for the remaining life of the process."""

from __future__ import annotations

import importlib.machinery
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.abc import MetaPathFinder
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from types import ModuleType
from typing import Any

from .extensions import missing_extensions
from .network import offline

_permanent = ExitStack()
"""The contexts that are never exited: a generator-based one without references would be closed, which exits it."""


class Blocked(MetaPathFinder):
    """A finder, the first of ``sys.meta_path``, that refuses some packages, and to look up their distributions.

    Args:
        packages: The top-level packages to refuse.
    """

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return None, so that the next finder is used.

        Raises:
            ModuleNotFoundError: The module belongs to a refused package.
        """
        if fullname.partition('.')[0] in self._packages:
            raise ModuleNotFoundError(f'{fullname} is not to be imported by the pack', name=fullname)
        return None

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        """Return nothing, so that the next finder is used.

        Raises:
            ModuleNotFoundError: The distribution with the name in ``context`` provides a refused package. It is no
                ``PackageNotFoundError``, after which code could go on without the package.
        """
        for each in MetadataPathFinder.find_distributions(context) if context.name else ():
            refused = self._packages.intersection(_tops(each))
            if refused:
                raise ModuleNotFoundError(f'{context.name} is not to be looked up by the pack', name=min(refused))
        return iter(())


def _tops(distribution: Distribution) -> set[str]:
    """The top-level packages of a distribution, by what it declares, or else by its files."""
    declared = distribution.read_text('top_level.txt')
    return set(declared.split()) if declared else {file.parts[0] for file in distribution.files or ()}


@contextmanager
def blocking(packages: Sequence[str], own: str) -> Iterator[dict[str, None]]:
    """Block some packages, and supply the compiled extensions that libraries lack, while the context lasts.

    Args:
        packages: The top-level packages to block.
        own: The folder of the exported package; extensions that are missing there are not supplied.

    Yields:
        The names of the extensions supplied so far, as keys; it grows while the context lasts.
    """
    finder, supplied = Blocked(packages), dict[str, None]()
    sys.meta_path.insert(0, finder)
    try:
        with missing_extensions(lambda _, path: not any(str(one).startswith(own) for one in path or ()), supplied):
            yield supplied
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder]


def isolate(task: Mapping[str, Any], with_package: bool = True, quiet: bool = True) -> dict[str, None]:
    """Block some packages and the network for the remaining life of this process.

    Args:
        task: ``out``, the folder that contains the exported package; ``blocked``, the packages to block; ``path``, the
            entries of ``sys.path`` with libraries, in the order in which the exporting process searches them: of two
            versions of a library, as with ``PYTHONPATH``, that one is imported which the export used.
        with_package: Whether the exported package can be imported.
        quiet: Whether logging is disabled.

    Returns:
        The names of the compiled extensions supplied so far, as keys; it grows.
    """
    own = [task['out']] if with_package else []
    sys.path[:] = [*own, *task['path'], *(entry for entry in sys.path if entry not in task['path'])]
    if quiet:
        logging.disable(logging.CRITICAL)
    _permanent.enter_context(offline('a pack is verified'))
    return _permanent.enter_context(blocking(task['blocked'], task['out']))
