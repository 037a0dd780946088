"""The modules of the running program: their sources, and the values of their globals."""

from __future__ import annotations

import builtins
import sys
import tokenize
from functools import lru_cache
from types import ModuleType
from typing import Any

from introspect_export.linearize.global_names import Binding, Namesake
from introspect_export.live_class.interactive_source import statement_of
from introspect_export.model import SourceModule, Symbol
from introspect_export.observe.chains import symbol_of
from introspect_export.read import read_module

MISSING = object()
"""The value of a global that does not exist."""


def value_of(module: str, name: str) -> Any:
    """Return the value of a global of a loaded module, or else of a builtin, or else ``MISSING``."""
    live = vars(sys.modules[module]) if module in sys.modules else {}
    return live.get(name, getattr(builtins, name, MISSING))


def is_builtin(name: str, value: Any) -> bool:
    """Whether a value is the builtin with a given name."""
    return getattr(builtins, name, MISSING) is value


def binding_of(cls: type) -> Binding:
    """Return a function for the class or module that a global is bound to, which compares classes by identity.

    Another class than one in the MRO may have the same symbol.
    """
    known = {symbol_of(each): each for each in cls.__mro__}

    def bound(module: str, name: str) -> Symbol | Namesake | None:
        symbol = live_binding(module, name)
        value = vars(sys.modules[module])[name] if symbol is not None else None
        if symbol is None or known.get(symbol, value) is value:
            return symbol
        return Namesake.OF_A_CLASS

    return bound


def live_binding(module: str, name: str) -> Symbol | None:
    """Return the class or module that a loaded module's global is bound to."""
    value = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if isinstance(value, ModuleType):
        return Symbol(value.__name__, '')
    return symbol_of(value) if isinstance(value, type) else None


def _read(name: str, file: str, is_package: bool) -> SourceModule:
    with tokenize.open(file) as stream:
        return _parsed(name, file, is_package, stream.read())


@lru_cache(maxsize=512)
def _parsed(name: str, file: str, is_package: bool, text: str) -> SourceModule:
    """Read a module, with a cache that its text is part of the key of."""
    return read_module(name, file, is_package, text)


class LiveModules:
    """The sources of loaded modules.

    Args:
        cls: A class. For modules without a file, the statements of the classes in its MRO are searched.
    """

    def __init__(self, cls: type) -> None:
        self._cls = cls
        self._known: dict[str, SourceModule | None] = {}

    def __call__(self, name: str) -> SourceModule | None:
        """Return a module's source, or None."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> SourceModule | None:
        module = sys.modules.get(name)
        file = getattr(module, '__file__', None)
        if isinstance(file, str):
            return _read(name, file, hasattr(module, '__path__')) if file.endswith('.py') else None
        text = self._typed_in(name)
        return read_module(name, f'<{name}>', False, text) if text else None

    def _typed_in(self, name: str) -> str:
        """The statements of the MRO's classes in a module without a file: a console's, or a notebook's."""
        texts = (statement_of(each) for each in reversed(self._cls.__mro__) if each.__module__ == name)
        return '\n\n'.join(dict.fromkeys(text for text in texts if text))
