"""What cannot be reached: the blocked packages and the network; and what stands in for compiled extensions."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from .faults import causes
from .guards import is_guarded


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


class MissingExtension(ModuleType):
    """A compiled extension that is not installed: every attribute is a function that raises when it is called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Make the function ``name``."""
        if name.startswith('__'):
            raise AttributeError(name)

        def missing(*args: Any, **kwargs: Any) -> Any:
            raise RuntimeError(
                f'{self.__name__}.{name} is a compiled operation, and {self.__name__} is not installed here'
            )

        return missing


class Forgetting(MetaPathFinder):
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


class Placeholders(MetaPathFinder, Loader):
    """Finds, after all other finders, the compiled extension that an installed library cannot be imported without."""

    def __init__(self, own: Path) -> None:
        self._own = str(own)
        self.supplied: list[str] = []
        self._forgetting = Forgetting()

    def install(self) -> None:
        """Stand behind all other finders."""
        sys.meta_path.insert(0, self._forgetting)
        sys.meta_path.append(self)

    def remove(self) -> None:
        """Go, with what was supplied."""
        self._forgetting.forget()
        sys.meta_path[:] = [each for each in sys.meta_path if each is not self and each is not self._forgetting]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Supply ``library._ext``, unless who imports it is prepared to go without."""
        parent, _, last = fullname.rpartition('.')
        if not last.startswith('_') or last.startswith('__') or parent not in sys.modules:
            return None
        if any(str(folder).startswith(self._own) for folder in path or ()) or is_guarded(fullname, sys._getframe()):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the placeholder."""
        return MissingExtension(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Note that it was needed."""
        self._forgetting.give(module)
        if module.__name__ not in self.supplied:
            self.supplied.append(module.__name__)


class NetworkRefused(ConnectionRefusedError):
    """Code that is verified asked for the network."""


def refuse_network(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: nothing is downloaded here."""
    if event in ('socket.getaddrinfo', 'socket.gethostbyname'):
        raise NetworkRefused(f'no network while a pack is verified: {args[0]} was asked for')
    if event == 'socket.connect' and isinstance(args[1], tuple):
        raise NetworkRefused(f'no network while a pack is verified: {args[1][0]} was asked for')


def was_refused(error: BaseException | None) -> bool:
    """Whether an error comes from having no network."""
    return any(
        isinstance(each, NetworkRefused) or isinstance(getattr(each, 'reason', None), NetworkRefused)
        for each in causes(error)
    )
