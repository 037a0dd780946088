"""Stand-ins for compiled extensions that are not here.

A library installed without its compiled operations fails on import, although nothing here calls them. While observing,
such an extension is supplied as a module whose every attribute is a function that raises when it is called.

Only what has to be: the last of all finders, for a private submodule (``library._ext``) of an installed library, and
only where nobody is prepared to go without it (`verify/child/guards.py`): a guarded import is left to fail, as it does
for the user, so that what is observed is the branch that the user's own interpreter takes.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.observe.boundary import is_installed
from introspect_export.verify.child.guards import is_guarded
from introspect_export.verify.child.isolation import Forgetting

CODE = 'IE-NO-COMPILED-OPS'

_supplied: dict[str, None] = {}
"""Every extension supplied in this process: modules that bound it keep it, a later observation says so again."""


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


class _Finder(MetaPathFinder, Loader):
    """Finds what nobody else finds, if it is a compiled extension that a library cannot do without."""

    def __init__(self) -> None:
        self.forgetting = Forgetting()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        parent, _, last = fullname.rpartition('.')
        if not parent or not last.startswith('_') or last.startswith('__') or parent not in sys.modules:
            return None
        top = fullname.partition('.')[0]
        # A project's own missing module is a mistake that must be seen.
        if not is_installed(top) or is_guarded(fullname, sys._getframe()):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return MissingExtension(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        _supplied[module.__name__] = None
        self.forgetting.give(module)


@contextmanager
def placeholders() -> Iterator[None]:
    """Supply missing compiled extensions; on exit they can no longer be imported, and who bound one keeps it."""
    finder = _Finder()
    sys.meta_path.insert(0, finder.forgetting)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder and each is not finder.forgetting]
        finder.forgetting.forget()


def placeholder_diagnostics() -> tuple[Diagnostic, ...]:
    """One diagnostic for each extension that was supplied."""
    message = 'this compiled extension is not installed; a placeholder stood in for it, its functions raise when called'
    return tuple(Diagnostic(CODE, name, message) for name in sorted(_supplied))
