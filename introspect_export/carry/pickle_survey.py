"""The classes and functions that the pickle of a live object names, found by pickling it to a null stream."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import torch

from introspect_export.carry.closure_functions import is_library
from introspect_export.carry.pickler import Carrier, carrier, strict
from introspect_export.model import Diagnostic, ExportError, PartKind, Symbol, World
from introspect_export.model.observation import EntryFacts
from introspect_export.observe.object_graph import walk
from introspect_export.observe.raw import is_a, module_namespace
from introspect_export.observe.symbol_lookup import is_function, named, symbol_of
from introspect_export.read.origin_modules import SourceTree

BY_VALUE = 'IE-CARRIED-BY-VALUE'
_DEFINING = (PartKind.CLASS, PartKind.FUNCTION, PartKind.ASSIGN, PartKind.COMPOUND)


class Survey:
    """A namer that records every object.

    Args:
        world: The observed process.
        modules: The origins' source modules.
    """

    def __init__(self, world: World, modules: SourceTree) -> None:
        self._world = world
        self._modules = modules
        self.named: dict[Symbol, Any] = {}
        """The origins' classes and functions that are pickled by name."""
        self.by_value: dict[Symbol, Any] = {}
        """The origins' classes and functions without a statement in a module, which are pickled by value."""
        self.entries: dict[EntryFacts, None] = {}
        """The registry entries that are named by dicts in the object."""

    def name(self, value: Any) -> tuple[str, str] | None:
        """The current name of a class or function; None for a library's, or one without a statement in a module."""
        own = named(value)
        if own is None or not self._world.is_origin(own.module):
            return None
        symbol = symbol_of(value)
        if symbol is None or not self._in_text(symbol):
            # Other objects with a name (``functools.wraps``) are pickled as objects.
            if is_a(value, (type, FunctionType)):
                self.by_value[own] = value
            return None
        self.named[symbol] = value
        return symbol.module, symbol.qualname

    def is_library(self, value: Any) -> bool:
        """Whether a class or function belongs to a library."""
        return is_library(value, self._world)

    def _in_text(self, symbol: Symbol) -> bool:
        module = self._modules(symbol.module)
        indices = module.definitions.get(symbol.top, ()) if module is not None else ()
        return module is not None and any(module.parts[index].kind in _DEFINING for index in indices)

    def module(self, value: ModuleType) -> None:
        """Refuse an origin's module: the package has only its used parts."""
        name = str(module_namespace(value).get('__name__'))
        if self._world.is_origin(name):
            raise ExportError(
                f'the module {name} itself is held, or used by a function that no text leads to; '
                'define that function in a module'
            )

    def holds(self, value: Any) -> None:
        """Record the entry that a dict names as its type, since it may be built later."""
        kind = dict.get(value, 'type') if is_a(value, dict) else None
        if type(kind) is str:
            entry = self._world.resolve(kind, '')
            if entry is not None and entry.origin:
                self.entries[entry] = None

    @property
    def diagnostics(self) -> Iterator[Diagnostic]:
        """One diagnostic for each class or function that is pickled by value."""
        for symbol in self.by_value:
            message = (
                'no statement of a module defines it, so its bytecode is carried: '
                f'loading needs dill and Python {python_version()}'
            )
            yield Diagnostic(BY_VALUE, str(symbol), message)


def survey(name: str, value: Any, world: World, modules: SourceTree) -> Survey:
    """Find the classes and functions that an object refers to.

    Args:
        name: The first part of its paths.
        value: The object.
        world: The observed process.
        modules: The origins' source modules.

    Raises:
        ExportError: Something in it cannot be pickled.
    """
    found, made = Survey(world, modules), list[Carrier]()
    bound: Any = carrier(found, made).Pickler

    class Dry(bound):  # type: ignore[misc]  # Its base is known when it runs.
        def persistent_id(self, obj: Any) -> Any:
            """Replace the data of tensors by a constant id."""
            return 'numbers' if torch.is_storage(obj) or is_a(obj, torch.storage.TypedStorage) else None

    with explained(name, value, made), strict():
        Dry(io.BytesIO(), protocol=2).dump(value)
    return found


@contextmanager
def explained(name: str, value: Any, made: list[Carrier]) -> Iterator[None]:
    """Turn exceptions from pickling into an ``ExportError`` with the path of the object that caused it.

    Args:
        name: The first part of the object's paths.
        value: The object.
        made: The picklers; the trail of the last one ends at what cannot be pickled.
    """
    try:
        yield
    except Exception as error:  # Pickling runs code of the objects, which may raise anything.
        trail = made[-1].trail if made else []
        reason = ' '.join(str(error).split())
        message = reason if isinstance(error, ExportError) else f'cannot be carried over: {reason}'
        raise ExportError(f'{_where(name, value, trail)}: {message}') from error


def _where(name: str, value: Any, trail: list[Any]) -> str:
    """The path of the innermost object of a trail that has one, and the class or function below it."""
    paths: dict[int, str] = {}
    walk([(name, value)], lambda path, each: paths.update({id(each): paths.get(id(each), path)}))
    deepest = next((index for index in reversed(range(len(trail))) if id(trail[index]) in paths), None)
    if deepest is None:
        return name
    path = paths[id(trail[deepest])]
    below = [each for each in trail[deepest + 1 :] if is_a(each, type) or is_function(each)]
    inner = named(below[-1]) if below else None
    return f'{path} ({inner})' if inner is not None else path


def python_version() -> str:
    """The minor version of Python, on which bytecode depends."""
    return f'{sys.version_info.major}.{sys.version_info.minor}'
