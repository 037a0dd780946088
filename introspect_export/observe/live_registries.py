"""Live registries and their entries as facts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from mmengine.registry import Registry

from introspect_export.model.observation import EntryFacts, RegistryFacts
from introspect_export.model.symbols import Symbol
from introspect_export.observe.chains import symbol_of
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.raw import bound, is_a, stored
from introspect_export.observe.registration_log import Registrations
from introspect_export.observe.symbol_lookup import named
from introspect_export.observe.texts import source_text


class Registries:
    """All registries of the process, each with a distinct id.

    Args:
        boundary: Has the registries that are globals of modules, and decides which are origins'.
        registrations: The recorded registrations.
        asked: The registries whose methods were called; some may be no module's global.
        found: The entries that were found, by registry and key.
        extended: By the id of a library's registry, the scope of the one below it for what origins registered in it,
            also if nothing of that was found.
    """

    def __init__(
        self,
        boundary: Boundary,
        registrations: Registrations,
        asked: list[Registry],
        found: Iterable[tuple[Registry, str]] = (),
        extended: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._boundary = boundary
        self._registrations = registrations
        self._ids: dict[int, str] = {}
        self._names: dict[int, tuple[Symbol, ...]] = {}
        self._live: list[Registry] = []
        self.facts: dict[str, RegistryFacts] = {}
        self._entries: dict[tuple[int, str], EntryFacts] = {}
        self._number([registry for registry, _ in boundary.bindings.values()] + asked)
        for registry in self._live:
            self.facts[self.id(registry)] = self._describe(registry)
        self._extended: dict[int, RegistryFacts] = {}
        for registry, key in found:
            top = self._maker(registry, key).partition('.')[0] if key in registry.module_dict else ''
            if top and self._boundary.is_origin(top):
                self._extend(registry, top)
        for registry in self._live:
            if self.id(registry) in extended:
                self._extend(registry, extended[self.id(registry)])

    def _number(self, found: list[Registry]) -> None:
        """Assign ids that do not depend on the order of imports: by scope, name and binding; parents are included."""
        every: dict[int, Registry] = {}
        for registry in found:
            current: Registry | None = registry
            while current is not None:
                every[id(current)] = current
                current = current.parent
        counts: dict[str, int] = {}
        for one in sorted(every.values(), key=lambda item: (item.scope, item.name, str(self._symbols(item)[:1]))):
            name = f'{one.scope}::{one.name}'
            counts[name] = counts.get(name, 0) + 1
            self._ids[id(one)] = f'{name}#{counts[name]}'
            self._live.append(one)

    def _extend(self, registry: Registry, scope: str) -> None:
        """Have a registry below a library's, for the entries that origins made in that.

        The package must not register in a library's registry: another package, or the origin itself, may do so too.
        """
        facts = self.facts[self.id(registry)]
        if facts.origin or not facts.symbols:
            return
        known = self._extended.get(id(registry))
        scope = min(scope, known.scope) if known is not None else scope
        made = replace(
            facts, id=f'{facts.id}+', scope=scope, parent=facts.id, origin=True, locations=(), extends_parent=True
        )
        self._extended[id(registry)] = self.facts[made.id] = made

    def _maker(self, registry: Registry, key: str) -> str:
        """The module that registered an entry, or that of its value where that was not recorded."""
        site = self._registrations.site(registry, key)
        symbol = named(registry.module_dict[key])
        return site[0] if site is not None else symbol.module if symbol is not None else ''

    def id(self, registry: Registry) -> str:
        """The id of a registry."""
        return self._ids[id(registry)]

    def known(self, value: Any) -> str | None:
        """The id of a registry, or None for one that was created later."""
        return self._ids.get(id(value))

    def origin(self, registry: Registry) -> bool:
        """Whether a registry belongs to an origin: by the module that defines it, or by its scope where none does."""
        symbols = self._symbols(registry)
        return self._boundary.is_origin(symbols[0].module if symbols else registry.scope)

    @property
    def origins(self) -> list[Registry]:
        """The registries of origins, in the order of their ids."""
        return [registry for registry in self._live if self.facts[self.id(registry)].origin]

    @property
    def every(self) -> list[Registry]:
        """All registries, in the order of their ids."""
        return list(self._live)

    @functools.cached_property
    def scopes(self) -> frozenset[str]:
        """The scopes of the origins' registries."""
        return frozenset(registry.scope for registry in self.origins)

    @property
    def extended(self) -> frozenset[str]:
        """The scopes of libraries' registries in which origins registered what was looked up."""
        return frozenset(registry.scope for registry in self._live if id(registry) in self._extended)

    def library_holds(self, key: str) -> bool:
        """Whether a registry of a library holds a key."""
        return any(key in one.module_dict and not self.is_origins(one, key) for one in self._live)

    def is_origins(self, registry: Registry, key: str) -> bool:
        """Whether an entry belongs to an origin: to its registry, or to a library's in which it registered it."""
        if self.facts_origin(registry):
            return True
        extended = id(registry) in self._extended
        return extended and self._boundary.is_origin(self._maker(registry, key))

    def entry_home(self, registry: Registry, key: str) -> str:
        """The id of the registry that an entry counts as one of: itself, or the one below a library's."""
        extended = self._extended.get(id(registry))
        return extended.id if extended is not None and self.is_origins(registry, key) else self.id(registry)

    def binding(self, registry: Registry) -> tuple[str | None, bool]:
        """What the text of origins means by a registry: its id, and whether the package has one instead."""
        extended = self._extended.get(id(registry))
        return (extended.id, True) if extended is not None else (self.known(registry), self.origin(registry))

    def _describe(self, registry: Registry) -> RegistryFacts:
        return RegistryFacts(
            id=self.id(registry),
            name=registry.name,
            scope=registry.scope,
            symbols=self._symbols(registry),
            parent=self.id(registry.parent) if registry.parent is not None else None,
            origin=self.origin(registry),
            locations=tuple(registry._locations),
            class_symbol=symbol_of(type(registry)),
            build_func=named(registry.build_func) or Symbol('', type(registry.build_func).__qualname__),
        )

    def _symbols(self, registry: Registry) -> tuple[Symbol, ...]:
        if id(registry) not in self._names:
            _, names = self._boundary.bindings.get(id(registry), (registry, []))
            self._names[id(registry)] = _ordered(names)
        return self._names[id(registry)]

    def entry(self, registry: Registry, key: str) -> EntryFacts | None:
        """The entry that a registry holds under a key, or None."""
        if key not in registry.module_dict or id(registry) not in self._ids:
            return None
        known = self._entries.get((id(registry), key))
        if known is None:
            known = self._entries[id(registry), key] = self._make_entry(registry, key)
        return known

    def _make_entry(self, registry: Registry, key: str) -> EntryFacts:
        target = registry.module_dict[key]
        site = self._registrations.site(registry, key)
        symbol = named(target) or _made(target, key)
        origin = self._boundary.is_origin(symbol.module)
        registrars: tuple[str, ...] = ()
        if not origin and not self.is_origins(registry, key):
            registrars = self._registrars(registry, key, symbol)
        return EntryFacts(self.entry_home(registry, key), key, symbol, registrars, origin, site)

    def facts_origin(self, registry: Registry) -> bool:
        """Whether a registry that has an id belongs to an origin, from its facts where they exist already."""
        facts = self.facts.get(self.id(registry))
        return facts.origin if facts is not None else self.origin(registry)

    def _registrars(self, registry: Registry, key: str, symbol: Symbol) -> tuple[str, ...]:
        """The library modules that must be imported for an entry of a library's registry.

        Nothing where it is the package of the registry itself. Where the registration was not recorded, the modules are
        those that hold the registry and whose text names the entry.
        """
        symbols = self._symbols(registry)
        owner = symbols[0].module.partition('.')[0] if symbols else registry.scope
        site = self._registrations.site(registry, key)
        if site is not None:
            return () if site[0].partition('.')[0] == owner else (site[0],)
        holding = list(dict.fromkeys(module for module, _ in self._boundary.bindings[id(registry)][1]))
        if symbol.module in holding or symbol.module.partition('.')[0] == owner:
            return () if symbol.module.partition('.')[0] == owner else (symbol.module,)
        naming = re.compile(rf'\b({re.escape(key)}|{re.escape(symbol.name)})\b')
        modules = [one for one in holding if not self._boundary.is_origin(one) and _registers(one, naming)]
        if any(one.partition('.')[0] == owner for one in modules):
            return ()
        return tuple(sorted(modules))


def _made(target: Any, key: str) -> Symbol:
    """A symbol for an entry without a qualified name: below that of the function it was made from, or of its class."""
    while is_a(target, functools.partial):
        target = bound(target)[0]
    maker = named(target) or named(type(target)) or Symbol('', str(stored(type(target), '__qualname__')))
    return Symbol(maker.module, f'{maker.qualname}.<locals>.{key}')


def _ordered(names: list[tuple[str, str]]) -> tuple[Symbol, ...]:
    """The names bound to a registry, the defining one first.

    A definition is an assignment from a call, an alias an assignment from a name. The names come in the order of
    import, so of several definitions the first one is taken.
    """
    first = next((one for one in names if _rank(*one) == 0), None) or min(
        names, key=lambda one: _rank(*one), default=None
    )
    rest = sorted(one for one in names if one != first)
    return tuple(Symbol(module, name) for module, name in ([first] if first else []) + rest)


def _rank(module: str, name: str) -> int:
    """0 for a definition (``NAME = Call(…)``), 1 for another assignment, 2 where the text assigns no such name."""
    text = source_text(module) or ''
    assigned = re.search(rf'^{re.escape(name)}\s*(?::[^=\n]+)?=\s*(\S[^\n]*)', text, re.MULTILINE)
    if assigned is None:
        return 2
    return 0 if re.match(r'[\w.]+\(', assigned.group(1)) else 1


def _registers(module: str, naming: re.Pattern[str]) -> bool:
    text = source_text(module) or ''
    return 'register' in text and naming.search(text) is not None
