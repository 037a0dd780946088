"""Answers to later stages' questions about the observed process."""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from importlib.machinery import PathFinder
from types import FunctionType, ModuleType
from typing import Any

from mmengine.registry import Registry

from introspect_export.model.class_facts import Chain, Look
from introspect_export.model.observation import Binding, EntryFacts
from introspect_export.model.symbols import Symbol
from introspect_export.observe.chains import chain_of
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.mro_readers import looks_of_function
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.raw import contained, is_a, module_namespace, module_of
from introspect_export.observe.recording import holder
from introspect_export.observe.symbol_lookup import find, is_function, named, symbol_of
from introspect_export.observe.texts import source_file

_MOST = 10_000
"""Objects looked at inside of one global's value."""
_LEAVES = (str, bytes, int, float, Registry, ModuleType)
_SETS = (set, frozenset)


class LiveWorld:
    """The observed process, asked by name; see ``introspect_export.model.observation.World``.

    It holds the modules that were loaded when it was made, so its answers do not change afterwards.

    Args:
        boundary: What is origin.
        registries: The registries.
        classes: Classes and functions that were seen, for those that no name leads to.
    """

    def __init__(self, boundary: Boundary, registries: Registries, classes: dict[Symbol, Any]) -> None:
        self._boundary = boundary
        self._registries = registries
        self._classes = classes
        loaded: Mapping[str, object] = sys.modules.copy()  # Some libraries put other objects there.
        self._modules = {name: one for name, one in loaded.items() if is_a(one, ModuleType)}
        self._chains: dict[Symbol, Chain | None] = {}
        self._bindings: dict[tuple[str, str], Binding | None] = {}
        self._found: dict[str, tuple[str, list[str] | None] | None] = {}
        self._keyed: dict[str, EntryFacts | None] = {}

    def is_origin(self, module: str) -> bool:
        """Whether a module's code is pulled into the export."""
        return self._boundary.is_origin(module)

    def binding(self, module: str, name: str) -> Binding | None:
        """What a module's global is bound to; None where the module is not loaded or lacks the name."""
        asked = (module, name)
        if asked not in self._bindings:
            content = module_namespace(self._modules[module]) if module in self._modules else {}
            self._bindings[asked] = self._describe(content[name], name) if name in content else None
        return self._bindings[asked]

    def _describe(self, value: Any, name: str) -> Binding:
        token = id(value)
        if is_a(value, ModuleType):
            own_name = str(module_namespace(value).get('__name__'))
            return Binding('module', Symbol(own_name, ''), self.is_origin(own_name), token=token)
        if is_a(value, Registry):
            known = self._registries.known(value)
            return Binding('registry', None, self._registries.origin(value), known, token=token)
        if is_a(value, type):
            return Binding('class', symbol_of(value, name), self.is_origin(module_of(value)), token=token)
        if is_function(value):
            own = named(value)
            return Binding(
                'function', symbol_of(value, name), own is not None and self.is_origin(own.module), token=token
            )
        return Binding('data', None, False, contains=tuple(dict.fromkeys(self._inside(value))), token=token)

    def _inside(self, value: Any) -> Iterator[Symbol]:
        """The origins' classes and functions inside of a value's containers, in order."""
        seen: dict[int, Any] = {}
        pending = deque([value])
        while pending and len(seen) < _MOST:
            current = pending.popleft()
            if id(current) in seen or is_a(current, _LEAVES):
                continue
            seen[id(current)] = current
            if is_a(current, type) or is_function(current):
                symbol = symbol_of(current)
                if symbol is not None and self.is_origin(symbol.module):
                    yield symbol
            else:
                # A set's own order changes from run to run.
                inside = contained(current)
                ordered = sorted(inside, key=lambda item: str(named(item))) if is_a(current, _SETS) else inside
                pending.extend(ordered)
                owner = symbol_of(type(current))
                if owner is not None and self.is_origin(owner.module):
                    yield owner

    def chain(self, symbol: Symbol) -> Chain | None:
        """The MRO of a class; None where the symbol is not a class."""
        if symbol not in self._chains:
            value = self._live(symbol)
            self._chains[symbol] = chain_of(value, self.is_origin) if is_a(value, type) else None
        return self._chains[symbol]

    def looks(self, symbol: Symbol, *, instances: bool = False) -> tuple[Look, ...]:
        """The looks of a function at the classes of whatever it is given."""
        value = self._live(symbol)
        return looks_of_function(value, instances=instances) if is_a(value, FunctionType) else ()

    def source(self, module: str) -> tuple[str, bool] | None:
        """The source file of a module and whether it is a package; None where it has none."""
        if module in self._modules:
            file = source_file(module)
            return (file, '__path__' in module_namespace(self._modules[module])) if file else None
        found = self._unloaded(module)
        return (found[0], found[1] is not None) if found else None

    def _unloaded(self, module: str) -> tuple[str, list[str] | None] | None:
        """The file of a module that only functions import, and its path if it is a package; not imported here."""
        if module not in self._found:
            parent = module.rpartition('.')[0]
            if parent in self._modules:
                path = module_namespace(self._modules[parent]).get('__path__')
            else:
                package = self._unloaded(parent) if parent else None
                path = package[1] if package else None
            spec = PathFinder.find_spec(module, list(path)) if path is not None else None
            locations = spec.submodule_search_locations if spec else None
            has_source = spec is not None and spec.origin is not None and spec.origin.endswith('.py')
            self._found[module] = (str(spec.origin), locations) if spec is not None and has_source else None
        return self._found[module]

    def registrations(self, symbol: Symbol) -> tuple[EntryFacts, ...]:
        """The entries of origins' registries that hold this very class or function."""
        value = self._live(symbol)
        if value is None:
            return ()
        found = self._index.holding.get(id(value), ())
        entries = [self._registries.entry(registry, key) for registry, key in found]
        return tuple(entry for entry in entries if entry is not None)

    def resolve(self, key: str, near: str) -> EntryFacts | None:
        """The registry entry that a string of an origin names in code of module ``near``; None where none does.

        As mmengine looks a name up: in the scope's own registries, then in those of libraries, their parents. With
        scopes before the name, the registry of a library is the answer as well, if an origin's scope leads to it. What
        none of these holds is taken from any scope.
        """
        if '.' in key:
            return self._scoped(key)
        holders = self._index.by_key.get(key, ())
        mine = [one for one in holders if one.scope == near.partition('.')[0]]
        if not mine and self._registries.library_holds(key):
            return None
        # The first by id: the order does not depend on what was imported first.
        best = min(mine or holders, key=self._registries.id, default=None)
        return self._registries.entry(best, key) if best is not None else None

    def _scoped(self, key: str) -> EntryFacts | None:
        """The entry that a name with scopes before it names, in any registry that may be asked for it.

        Which one is asked is not known: its family decides what is found, and its scope from where the search begins.
        """
        if key not in self._keyed:
            scopes = key.split('.')[:-1]
            found: dict[str, tuple[Registry, str]] = {}
            if not self._registries.scopes.isdisjoint(scopes):
                holders = (holder(asked, key) for asked in self._registries.every)
                found = {self._registries.id(one[0]): one for one in holders if one is not None}
            # One that the scope itself has comes before its parents, for another family may hold the name too.
            best = min(found, key=lambda one: (found[one][0].scope != scopes[-1], one), default=None)
            self._keyed[key] = self._registries.entry(*found[best]) if best is not None else None
        return self._keyed[key]

    def _live(self, symbol: Symbol) -> Any:
        """The object of a symbol; also one that was seen, or is registered, and that no name leads to."""
        value = find(symbol)
        if value is None:
            value = self._classes.get(symbol)
        return self._index.by_symbol.get(symbol) if value is None else value

    @functools.cached_property
    def _index(self) -> _Index:
        return _Index(self._registries.origins)


class _Index:
    """The entries of registries, by key and by what they hold."""

    def __init__(self, registries: list[Registry]) -> None:
        self.by_key: dict[str, list[Registry]] = {}
        self.by_symbol: dict[Symbol, Any] = {}
        self.holding: dict[int, list[tuple[Registry, str]]] = {}
        for registry in registries:
            for key, value in registry.module_dict.items():
                self.by_key.setdefault(key, []).append(registry)
                self.holding.setdefault(id(value), []).append((registry, key))
                symbol = named(value)
                if symbol is not None:
                    self.by_symbol.setdefault(symbol, value)
