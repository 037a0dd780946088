"""Facts about the observed process, by name, for the later stages."""

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
from introspect_export.observe.installed_origins import installed
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.mro_readers import looks_of_function
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.raw import contained, is_a, module_namespace, module_of
from introspect_export.observe.recording import holder
from introspect_export.observe.symbol_lookup import find, is_function, named, symbol_of
from introspect_export.observe.texts import source_file

_MOST = 10_000
"""The maximum number of objects that are searched inside of one global's value."""
_LEAVES = (str, bytes, int, float, Registry, ModuleType)
_SETS = (set, frozenset)


class LiveWorld:
    """The observed process, queried by name; see ``introspect_export.model.observation.World``.

    It keeps the modules that were loaded when it was created, and caches, so that results do not change.

    Args:
        boundary: Decides which modules are origin.
        registries: The registries.
        classes: The observed classes and functions by symbol, for those whose symbol resolves to no object.
    """

    def __init__(self, boundary: Boundary, registries: Registries, classes: dict[Symbol, Any]) -> None:
        self._boundary = boundary
        self._registries = registries
        self._classes = classes
        loaded: Mapping[str, object] = sys.modules.copy()  # Not only modules: libraries may put any object there.
        self._modules = {name: one for name, one in loaded.items() if is_a(one, ModuleType)}
        self._chains: dict[Symbol, Chain | None] = {}
        self._bindings: dict[tuple[str, str], Binding | None] = {}
        self._found: dict[str, tuple[str, list[str] | None] | None] = {}
        self._keyed: dict[str, EntryFacts | None] = {}

    def is_origin(self, module: str) -> bool:
        """Whether the code of a module goes into the export."""
        return self._boundary.is_origin(module)

    def binding(self, module: str, name: str) -> Binding | None:
        """What a module's global is bound to; None where the module is not loaded or lacks the name."""
        query = (module, name)
        if query not in self._bindings:
            content = module_namespace(self._modules[module]) if module in self._modules else {}
            self._bindings[query] = self._describe(content[name], name) if name in content else None
        return self._bindings[query]

    def _describe(self, value: Any, name: str) -> Binding:
        token = id(value)
        if is_a(value, ModuleType):
            own_name = str(module_namespace(value).get('__name__'))
            return Binding('module', Symbol(own_name, ''), self.is_origin(own_name), token=token)
        if is_a(value, Registry):
            known, origin = self._registries.binding(value)
            return Binding('registry', None, origin, known, token=token)
        if is_a(value, type):
            return Binding('class', symbol_of(value, name), self.is_origin(module_of(value)), token=token)
        if is_function(value):
            own = named(value)
            return Binding(
                'function', symbol_of(value, name), own is not None and self.is_origin(own.module), token=token
            )
        return Binding('data', None, False, contains=tuple(dict.fromkeys(self._inside(value))), token=token)

    def _inside(self, value: Any) -> Iterator[Symbol]:
        """The origins' classes and functions in a value's containers, and the classes of other objects there."""
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
                # The order of a set differs between runs.
                inside = contained(current)
                ordered = sorted(inside, key=lambda item: str(named(item))) if is_a(current, _SETS) else inside
                pending.extend(ordered)
                owner = symbol_of(type(current))
                if owner is not None and self.is_origin(owner.module):
                    yield owner

    def chain(self, symbol: Symbol) -> Chain | None:
        """The chain of a class; None where the symbol is not that of a class."""
        if symbol not in self._chains:
            value = self._live(symbol)
            self._chains[symbol] = chain_of(value, self.is_origin) if is_a(value, type) else None
        return self._chains[symbol]

    def looks(self, symbol: Symbol, *, instances: bool = False) -> tuple[Look, ...]:
        """The looks of a function at its arguments' classes.

        Args:
            symbol: The function.
            instances: Whether the arguments are known to be instances, not classes.
        """
        value = self._live(symbol)
        return looks_of_function(value, instances=instances) if is_a(value, FunctionType) else ()

    def source(self, module: str) -> tuple[str, bool] | None:
        """The source file of a module, and whether it is a package; None where it has no source file."""
        if module in self._modules:
            file = source_file(module)
            return (file, '__path__' in module_namespace(self._modules[module])) if file else None
        found = self._unloaded(module)
        return (found[0], found[1] is not None) if found else None

    def _unloaded(self, module: str) -> tuple[str, list[str] | None] | None:
        """The source file of a module that is not loaded, found without import, and its ``__path__`` if a package."""
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

    def installed(self, module: str, function: str, name: str) -> bool | str | None:
        """See ``World.installed``."""
        return installed(module, function, name, self.is_origin)

    def registrations(self, symbol: Symbol) -> tuple[EntryFacts, ...]:
        """The entries of origins' registries whose value is the class or function, by identity."""
        value = self._live(symbol)
        if value is None:
            return ()
        found = self._index.holding.get(id(value), ())
        entries = [self._registries.entry(registry, key) for registry, key in found]
        return tuple(entry for entry in entries if entry is not None)

    def resolve(self, key: str, near: str) -> EntryFacts | None:
        """The registry entry that a string in code of a module names, or None.

        The search is like mmengine's: in the registries of the scope, then in their parents, those of libraries, whose
        entries are not returned. A key with a scope may resolve to a library's entry, if the scope is an origin's.
        Other keys are searched in all scopes of origins.

        Args:
            key: The string.
            near: The module.
        """
        if '.' in key:
            return self._scoped(key)
        holders = self._index.by_key.get(key, ())
        mine = [one for one in holders if one.scope == near.partition('.')[0]]
        if not mine and self._registries.library_holds(key):
            return None
        # The first by id, which does not depend on the order of imports.
        best = min(mine or holders, key=self._registries.id, default=None)
        return self._registries.entry(best, key) if best is not None else None

    def _scoped(self, key: str) -> EntryFacts | None:
        """The entry that a key with scopes resolves to, in any registry.

        The registry that the code would use is not known: different families may resolve the key differently.
        """
        if key not in self._keyed:
            scopes = key.split('.')[:-1]
            found: dict[str, tuple[Registry, str]] = {}
            if not (self._registries.scopes | self._registries.extended).isdisjoint(scopes):
                holders = (holder(registry, key) for registry in self._registries.every)
                found = {self._registries.id(one[0]): one for one in holders if one is not None}
            # Entries of the scope's own registries come before those of parents: another family may hold the name too.
            best = min(found, key=lambda one: (found[one][0].scope != scopes[-1], one), default=None)
            entry = self._registries.entry(*found[best]) if best is not None else None
            # Only what origins registered in a library's registry is theirs under the library's scope.
            theirs = best is not None and self._registries.is_origins(*found[best])
            self._keyed[key] = entry if theirs or not self._registries.extended.issuperset(scopes) else None
        return self._keyed[key]

    def _live(self, symbol: Symbol) -> Any:
        """The object of a symbol: by its name, else among observed classes and registered objects."""
        value = find(symbol)
        if value is None:
            value = self._classes.get(symbol)
        return self._index.by_symbol.get(symbol) if value is None else value

    @functools.cached_property
    def _index(self) -> _Index:
        return _Index(self._registries)


class _Index:
    """The entries of registries, by key, by symbol and by identity of the value."""

    def __init__(self, registries: Registries) -> None:
        self.by_key: dict[str, list[Registry]] = {}
        self.by_symbol: dict[Symbol, Any] = {}
        self.holding: dict[int, list[tuple[Registry, str]]] = {}
        made = ((one, key) for one in registries.every for key in one.module_dict if registries.is_origins(one, key))
        for registry, key in made:
            value = registry.module_dict[key]
            self.by_key.setdefault(key, []).append(registry)
            self.holding.setdefault(id(value), []).append((registry, key))
            symbol = named(value)
            if symbol is not None:
                self.by_symbol.setdefault(symbol, value)
