"""Placeholders for compiled extensions that are not installed.

A library installed without its compiled operations fails on import, although nothing here calls them. Such an extension
is supplied as a module whose every attribute is a function that raises when it is called.

Only what has to be: the last of all finders, for a private submodule (``library._ext``) of a library, and only where
nobody is prepared to go without it (``guarded_imports.py``): a guarded import is left to fail, as it does for the user,
so that the branch that is taken is that of the user's own interpreter.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

from .guarded_imports import is_guarded

IsLibrary = Callable[[str, Sequence[str] | None], bool]
"""Whether a top-level package is a library's; it is given the path of the package that lacks a module, too."""


class MissingExtension(ModuleType):
    """A compiled extension that is not installed."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Make the function ``name``, which raises when it is called."""
        if name.startswith('__'):
            raise AttributeError(name)
        function = _raising(self.__name__, name)
        setattr(self, name, function)
        return function


def _raising(module: str, name: str) -> Callable[..., Any]:
    def missing(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            f'{module}.{name} is a compiled operation, and {module} is not installed here: a placeholder took its '
            'place while a config was observed'
        )

    missing.__name__ = missing.__qualname__ = name
    missing.__module__ = module
    return missing


class _Forgetting(MetaPathFinder):
    """Stands before all other finders, and lets nobody else find a placeholder that one module could not go without.

    Whoever had to be given it has it by then; a module that is imported later may be prepared to go without.
    """

    def __init__(self) -> None:
        self._given: dict[str, ModuleType] = {}

    def give(self, module: ModuleType) -> None:
        """Note a placeholder that is being imported."""
        self._given[module.__name__] = module

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Forget what was given before; find nothing."""
        self.forget()
        return None

    def forget(self) -> None:
        """Take the placeholders from the loaded modules, and from the packages that they were put into."""
        while self._given:
            name, module = self._given.popitem()
            if sys.modules.get(name) is module:
                del sys.modules[name]
            parent, _, last = name.rpartition('.')
            if vars(sys.modules.get(parent, module)).get(last) is module:
                delattr(sys.modules[parent], last)


class _Finder(MetaPathFinder, Loader):
    """Finds what nobody else finds, if it is a compiled extension that a library cannot do without."""

    def __init__(self, is_library: IsLibrary, supplied: dict[str, None]) -> None:
        self._is_library, self._supplied = is_library, supplied
        self.forgetting = _Forgetting()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Supply ``library._ext``, unless who imports it is prepared to go without."""
        parent, _, last = fullname.rpartition('.')
        if not parent or not last.startswith('_') or last.startswith('__') or parent not in sys.modules:
            return None
        # A project's own missing module is a mistake that must be seen.
        if not self._is_library(fullname.partition('.')[0], path) or is_guarded(fullname, sys._getframe()):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the placeholder."""
        return MissingExtension(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Note that it was needed."""
        self._supplied[module.__name__] = None
        self.forgetting.give(module)


@contextmanager
def missing_extensions(is_library: IsLibrary, supplied: dict[str, None]) -> Iterator[None]:
    """Supply missing compiled extensions; on exit they can no longer be imported, and who bound one keeps it.

    Args:
        is_library: Whose extensions are supplied.
        supplied: The names of those that are supplied are added to it.
    """
    finder = _Finder(is_library, supplied)
    sys.meta_path.insert(0, finder.forgetting)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder and each is not finder.forgetting]
        finder.forgetting.forget()
