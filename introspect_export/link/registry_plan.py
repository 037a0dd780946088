"""The registries of the package: one for each kind, rebuilt from those that were observed.

All origins' registries of one kind share a registry of scope ``pack``, so that types need no scope in the config.
Where that would put two different things under one key, the later origin keeps a registry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from introspect_export.model import EntryFacts, Observation, RegistryFacts, Symbol
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import OutputRegistry

SCOPE = 'pack'
REGISTRY = Symbol('mmengine.registry.registry', 'Registry')
"""mmengine's own class of registries."""


@dataclass(frozen=True)
class RegistryPlan:
    """What becomes of the origins' registries.

    Attributes:
        outputs: The registries of the package, parents first.
        mapping: For each origin registry id, the variable of its registry in the package.
        imports: Library modules whose import makes entries that are looked up.
        entries: Library things held by an origin's registry: variable, key and thing.
        scopes: For each origin scope, the scope in the package.
        held: For each registry of the package the keys that it holds, or may hold.
        known: Every registry that was observed.
    """

    outputs: tuple[OutputRegistry, ...]
    mapping: Mapping[str, str]
    imports: tuple[str, ...]
    entries: tuple[tuple[str, str, Symbol], ...]
    scopes: Mapping[str, str]
    held: Mapping[str, frozenset[str]]
    known: Mapping[str, RegistryFacts]

    def knows(self, registry: str) -> bool:
        """Whether an entry of a registry can be named: it is a library's, or one of the package stands for it."""
        return registry in self.mapping or not self.known[registry].origin

    def type_text(self, registry: str, key: str) -> str:
        """How the package names an entry of an origin's registry, or of a library's."""
        if registry not in self.mapping:
            return '.'.join((*self._way(registry), key)) if self._hides(registry, key) else key
        scopes = {output.variable: output.scope for output in self.outputs}
        scope = scopes[self.mapping[registry]]
        return key if scope == SCOPE and self._is_found_alone(registry, key) else f'{scope}.{key}'

    def scope_text(self, scope: str) -> str:
        """How the package names an origin's scope; one of which nothing is in the package has nothing to find."""
        return self.scopes.get(scope, SCOPE)

    def _hides(self, registry: str, key: str) -> bool:
        """Whether a key alone leads a registry of the package to something else than this library's entry."""
        family = self._family(registry)
        return any(registry not in line_of(one.id, self.known) or key in self.held[one.variable] for one in family)

    def _is_found_alone(self, registry: str, key: str) -> bool:
        """Whether a key alone leads to this registry's entry under every scope of the package.

        Under a scope that has no registry in the family the root is asked, which knows this one by its scope only.
        """
        mine, family = self.mapping[registry], self._family(registry)
        if {output.scope for output in self.outputs} != {output.scope for output in family}:
            return False
        for output in family:
            line = [self.mapping[each] for each in line_of(output.id, self.known) if each in self.mapping]
            if next((each for each in line if each == mine or key in self.held[each]), '') != mine:
                return False
        return True

    def _family(self, registry: str) -> list[OutputRegistry]:
        """The registries of the package below the root of a registry."""
        root = root_of(registry, self.known)
        return [output for output in self.outputs if root_of(output.id, self.known) == root]

    def _way(self, registry: str) -> list[str]:
        """The scopes by which a registry is found from every other one of its family."""
        below = line_of(registry, self.known)[:-1] or (registry,)
        return [self.known[each].scope for each in reversed(below)]


def plan_registries(observation: Observation, live: LiveSet) -> RegistryPlan:
    """Return the plan for the registries that live code or the config needs."""
    needed = _needed(observation, live)
    entries = _entries(observation, live)
    inherited = _inherited(observation)
    mapping: dict[str, str] = {}
    outputs: list[OutputRegistry] = []
    keys: dict[str, dict[str, Symbol]] = {}
    meant: dict[str, dict[str, Symbol]] = {}
    for facts in needed:
        mine = entries.get(facts.id, {})
        found = {**inherited.get(facts.id, {}), **mine}
        variable = _shared(facts, found, outputs, meant, observation) or _own(facts, outputs, observation)
        if variable not in keys:
            scope = SCOPE if variable == facts.symbols[0].qualname else f'{SCOPE}_{facts.scope}'
            outputs.append(OutputRegistry(variable, scope, facts.id))
        mapping[facts.id] = variable
        keys.setdefault(variable, {}).update(mine)
        meant.setdefault(variable, {}).update(found)
    looked_up = (*observation.entries, *live.type_strings.values())
    held = {
        (mapping[entry.registry], entry.key, entry.target)
        for entry in observation.entries
        if entry.registry in mapping and not entry.origin
    }
    return RegistryPlan(
        outputs=tuple(outputs),
        mapping=mapping,
        imports=tuple(sorted({module for entry in looked_up for module in entry.registrars})),
        entries=tuple(sorted(held)),
        scopes=_scopes(observation, outputs, mapping),
        held={variable: frozenset(content) for variable, content in keys.items()},
        known=observation.registries,
    )


def _needed(observation: Observation, live: LiveSet) -> list[RegistryFacts]:
    """The registries of the config's scope, then those that live code names or that held what was looked up."""
    asked = {*live.registries, *(entry.registry for entry in observation.entries)}
    asked |= {entry.registry for entry in live.type_strings.values()}
    own = [each for each in observation.registries.values() if each.origin and each.scope == observation.scope]
    others = [
        each
        for each in observation.registries.values()
        if each.origin and each.scope != observation.scope and each.id in asked
    ]
    return [*own, *sorted(others, key=lambda each: each.id)]


def _entries(observation: Observation, live: LiveSet) -> dict[str, dict[str, Symbol]]:
    """What each origin registry will hold: what was looked up in it, and what live classes register in it."""
    found: dict[str, dict[str, Symbol]] = {}
    registered: list[EntryFacts] = [*observation.entries]
    for symbol in live.reasons:
        registered.extend(observation.world.registrations(symbol))
    for entry in registered:
        found.setdefault(entry.registry, {})[entry.key] = entry.target
    return found


def _inherited(observation: Observation) -> dict[str, dict[str, Symbol]]:
    """What was looked up in each registry without a scope before the name, and found in one of its parents."""
    found: dict[str, dict[str, Symbol]] = {}
    for event in observation.events:
        if event.entry is not None and event.entry.registry != event.searched and event.type_text == event.entry.key:
            found.setdefault(event.searched, {})[event.entry.key] = event.entry.target
    return found


def _shared(
    facts: RegistryFacts,
    found: Mapping[str, Symbol],
    outputs: Iterable[OutputRegistry],
    meant: Mapping[str, Mapping[str, Symbol]],
    observation: Observation,
) -> str | None:
    """The registry of the package that can stand for one more origin registry, if any.

    No name may come to mean something else in it: neither one that it holds, nor one that is found in its parents.
    """
    for output in outputs:
        other = observation.registries[output.id]
        same_kind = (other.parent, other.class_symbol, other.build_func) == (
            facts.parent,
            facts.class_symbol,
            facts.build_func,
        )
        if facts.parent is None or not same_kind:
            continue
        known = meant[output.variable]
        if all(known.get(key, target) == target for key, target in found.items()):
            return output.variable
    return None


def _own(facts: RegistryFacts, outputs: Iterable[OutputRegistry], observation: Observation) -> str:
    taken = {output.variable for output in outputs}
    # One of a family has the package's scope: where several had it, a search would end at the first.
    families = {root_of(output.id, observation.registries) for output in outputs}
    name = facts.symbols[0].qualname
    if name not in taken and root_of(facts.id, observation.registries) not in families:
        return name
    return f'{facts.scope}_{name}'.upper()


def line_of(registry: str, known: Mapping[str, RegistryFacts]) -> tuple[str, ...]:
    """A registry and its parents, up to the one that has none."""
    parent = known[registry].parent
    return (registry, *line_of(parent, known)) if parent is not None else (registry,)


def root_of(registry: str, known: Mapping[str, RegistryFacts]) -> str:
    """The registry above a registry that has no parent; one without a parent is its own."""
    return line_of(registry, known)[-1]


def _scopes(observation: Observation, outputs: list[OutputRegistry], mapping: Mapping[str, str]) -> dict[str, str]:
    scope_of = {output.variable: output.scope for output in outputs}
    result: dict[str, str] = {}
    for id_, variable in mapping.items():
        scope = observation.registries[id_].scope
        # A scope whose registries are partly shared stands for its own ones: what is shared is found from there too.
        if result.get(scope, SCOPE) == SCOPE:
            result[scope] = scope_of[variable]
    result[observation.scope] = SCOPE
    return result
