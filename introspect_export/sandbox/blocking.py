"""Packages that cannot be imported, and processes in which they cannot for as long as they live."""

from __future__ import annotations

import importlib.machinery
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

from .extensions import missing_extensions
from .network import offline

_for_good = ExitStack()
"""Holds what is never undone: a context manager that nobody holds is left."""


class Blocked(MetaPathFinder):
    """Stands before all other finders and refuses some packages."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Raise for a blocked package; leave every other one to the next finder."""
        if fullname.partition('.')[0] in self._packages:
            raise ModuleNotFoundError(f'{fullname} is not to be imported by the pack', name=fullname)
        return None


@contextmanager
def blocking(packages: Sequence[str], own: str) -> Iterator[dict[str, None]]:
    """Refuse some packages, and supply the compiled extensions that libraries lack, while the context lasts.

    Args:
        packages: The packages that cannot be imported.
        own: The folder of the exported package; what its modules lack is not supplied.

    Yields:
        The names of the extensions that were supplied; it grows.
    """
    finder, supplied = Blocked(packages), dict[str, None]()
    sys.meta_path.insert(0, finder)
    try:
        with missing_extensions(lambda _, path: not any(str(one).startswith(own) for one in path or ()), supplied):
            yield supplied
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder]


def isolate(task: Mapping[str, Any], with_package: bool = True, quiet: bool = True) -> dict[str, None]:
    """Make this process one for foreign code, for good: without some packages and the network.

    Args:
        task: ``out``, the folder that holds the exported package; ``blocked``, packages that cannot be imported;
            ``path``, where else to find libraries.
        with_package: Whether the exported package can be imported.
        quiet: Whether nothing is logged.

    Returns:
        The names of the compiled extensions that were supplied; it grows.
    """
    own = [task['out']] if with_package else []
    sys.path[:] = [*own, *sys.path, *(entry for entry in task['path'] if entry not in sys.path)]
    if quiet:
        logging.disable(logging.CRITICAL)
    _for_good.enter_context(offline('a pack is verified'))
    return _for_good.enter_context(blocking(task['blocked'], task['out']))
