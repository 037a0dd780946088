"""Placeholders for compiled extensions that are not installed.

A library installed without its compiled operations fails on import, although building a config does not call them. Such
an extension is supplied as a module whose every attribute is a function that raises when it is called.

A placeholder is supplied only by the last of all finders, for a private submodule (``library._ext``) of a library, and
only if the import is not guarded (``guarded_imports.py``): a guarded import fails, so that the code takes the same
branch as in the user's interpreter.
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
"""A predicate of a top-level package's name and the search path for the missing module: whether it is a library."""


class MissingExtension(ModuleType):
    """A placeholder for a compiled extension that is not installed."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Create the function ``name``, which raises when it is called."""
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


class _PlaceholderRemover(MetaPathFinder):
    """A finder, the first of ``sys.meta_path``, that unloads placeholders at the next import of any module.

    By then, the module that needs a placeholder has bound it. A module imported later may guard its own import of the
    extension, and must not find the placeholder in ``sys.modules``.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, ModuleType] = {}

    def add(self, module: ModuleType) -> None:
        """Register a placeholder that is being imported."""
        self._loaded[module.__name__] = module

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Unload the placeholders supplied so far; find nothing."""
        self.unload()
        return None

    def unload(self) -> None:
        """Remove the placeholders from ``sys.modules``, and from the attributes of their parent packages."""
        while self._loaded:
            name, module = self._loaded.popitem()
            if sys.modules.get(name) is module:
                del sys.modules[name]
            parent, _, last = name.rpartition('.')
            if vars(sys.modules.get(parent, module)).get(last) is module:
                delattr(sys.modules[parent], last)


class _Finder(MetaPathFinder, Loader):
    """A finder, the last of ``sys.meta_path``, that supplies a library's compiled extension for an unguarded import."""

    def __init__(self, is_library: IsLibrary, supplied: dict[str, None]) -> None:
        self._is_library, self._supplied = is_library, supplied
        self.remover = _PlaceholderRemover()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Supply ``library._ext``, unless the importing code guards against its absence."""
        parent, _, last = fullname.rpartition('.')
        if not parent or not last.startswith('_') or last.startswith('__') or parent not in sys.modules:
            return None
        # In the exported or observed project itself, a missing module is an error to be reported.
        if not self._is_library(fullname.partition('.')[0], path) or is_guarded(fullname, sys._getframe()):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Create the placeholder."""
        return MissingExtension(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Record that the placeholder was supplied."""
        self._supplied[module.__name__] = None
        self.remover.add(module)


@contextmanager
def missing_extensions(is_library: IsLibrary, supplied: dict[str, None]) -> Iterator[None]:
    """Supply missing compiled extensions while the context lasts; modules that bound one keep it afterwards.

    Args:
        is_library: Whether a package's missing extensions are supplied.
        supplied: Receives the name of each supplied extension as a key.
    """
    finder = _Finder(is_library, supplied)
    sys.meta_path.insert(0, finder.remover)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder and each is not finder.remover]
        finder.remover.unload()
