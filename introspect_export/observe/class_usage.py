"""The classes of origin packages that building used: how each was found, and its number of instances."""

from __future__ import annotations

from typing import Any

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.observation import ObservedClass
from introspect_export.model.symbols import Symbol
from introspect_export.observe.object_graph import MOST_OBJECTS, walk
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.raw import elements, is_a, module_of, pairs
from introspect_export.observe.recording import LiveEvent
from introspect_export.observe.symbol_lookup import is_function, named

_ORDER = ('built', 'found', 'resolved')


class Census:
    """Collects origins' classes and functions, and counts the instances of classes.

    Args:
        boundary: Decides which are origins'.
    """

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._paths: dict[Symbol, str] = {}
        self._how: dict[Symbol, str] = {}
        self._instances: dict[Symbol, set[int]] = {}
        self.live: dict[Symbol, Any] = {}
        """The live class or function of every symbol collected."""
        self._strings: dict[str, set[str]] = {}
        self.diagnostics: list[Diagnostic] = []

    def take(self, events: list[LiveEvent], products: list[tuple[str, Any]]) -> None:
        """Collect the classes that registries resolved and built, and those of objects reachable from the products."""
        for event in events:
            if event.target is not None and (is_a(event.target, type) or is_function(event.target)):
                failed = event.by_us or event.error
                self._collect(event.target, event.path or event.under, 'resolved' if failed else 'built')
        results = [(event.context, event.result) for event in events if event.result is not None]
        for path, value in results:
            self._count(path, value)
        if not walk([*products, *results], self._count):
            message = (
                f'more than {MOST_OBJECTS} objects hang on what was built; the classes of the others were not looked at'
            )
            self.diagnostics.append(Diagnostic('IE-WALK-BOUND', 'config', message))

    def _count(self, path: str, value: Any) -> None:
        kind = type(value)
        if is_a(value, dict):
            self._record_strings(value)
        if not self._boundary.is_origin(module_of(kind)):
            return
        self._collect(kind, path, 'found')
        symbol = named(kind)
        if symbol is not None:
            self._instances.setdefault(symbol, set()).add(id(value))

    def _record_strings(self, value: dict[Any, Any]) -> None:
        """Record the identifiers among the values of a dict: code may compare the name of a class with them."""
        for key, item in pairs(value):
            names = [each for each in (item, *elements(item)) if type(each) is str and each.isidentifier()]
            if names and type(key) is str:
                self._strings.setdefault(key, set()).update(names)

    @property
    def strings(self) -> dict[str, frozenset[str]]:
        """The identifiers that dicts hold under each key."""
        return {key: frozenset(names) for key, names in self._strings.items()}

    def _collect(self, value: Any, path: str, how: str) -> None:
        symbol = named(value)
        if symbol is None or not self._boundary.is_origin(symbol.module):
            return
        self.live.setdefault(symbol, value)
        self._paths[symbol] = self._paths.get(symbol) or path
        self._how[symbol] = min(self._how.get(symbol, how), how, key=_ORDER.index)

    @property
    def classes(self) -> tuple[ObservedClass, ...]:
        """The classes and functions collected, in order of first occurrence."""
        return tuple(
            ObservedClass(symbol, self._paths[symbol], how, len(self._instances.get(symbol, ())))
            for symbol, how in self._how.items()
        )
