"""A log of registrations while a config is observed, so that those outside of imports can be undone."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mmengine.registry import Registry

_MISSING = object()

Site = tuple[str, int]
"""A module, and the line of its statement that was being executed."""


_sites: weakref.WeakKeyDictionary[Registry, dict[str, Site]] = weakref.WeakKeyDictionary()
"""The registrations during imports in this process; modules are imported once, so later observations need them too."""


class Registrations:
    """The recorded registrations, by the module whose import made them.

    Those of modules that were imported outside of ``watching`` are missing.
    """

    def __init__(self) -> None:
        self._undo: list[tuple[Registry, str, Any]] = []

    def site(self, registry: Registry, key: str) -> Site | None:
        """The module and line whose execution made an entry, or None where that was not recorded."""
        return _sites.get(registry, {}).get(key)

    def note(self, registry: Registry, names: list[str], before: dict[str, Any]) -> None:
        """Record a registration.

        Args:
            registry: The registry.
            names: The registered names.
            before: The previous values under these names.
        """
        site = _importing()
        for name in names:
            if site is not None:
                _sites.setdefault(registry, {})[name] = site
            else:
                self._undo.append((registry, name, before.get(name, _MISSING)))

    def take_back(self) -> None:
        """Undo the registrations that were made outside of imports."""
        while self._undo:
            registry, key, value = self._undo.pop()
            if value is _MISSING:
                registry.module_dict.pop(key, None)
            else:
                registry.module_dict[key] = value


@contextmanager
def watching() -> Iterator[Registrations]:
    """Record every registration while the context lasts; then undo those that were made outside of imports."""
    registrations = Registrations()
    original = Registry._register_module

    @functools.wraps(original)
    def register(self: Registry, *args: Any, **kwargs: Any) -> Any:
        names = _names(*args, **kwargs)
        before = {name: self.module_dict[name] for name in names if name in self.module_dict}
        result = original(self, *args, **kwargs)
        registrations.note(self, names, before)
        return result

    Registry._register_module = register
    try:
        yield registrations
    finally:
        Registry._register_module = original
        registrations.take_back()


def _names(module: Any, module_name: Any = None, force: bool = False) -> list[str]:
    """The names of a registration, from the arguments of ``Registry._register_module``."""
    if module_name is None:
        return [module.__name__]
    return [module_name] if isinstance(module_name, str) else list(module_name)


def _importing() -> Site | None:
    """The innermost module that is being imported, and the line it is at."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == '<module>':
            spec = frame.f_globals.get('__spec__')
            if getattr(spec, '_initializing', False):
                return str(frame.f_globals.get('__name__')), frame.f_lineno
        frame = frame.f_back
    return None
