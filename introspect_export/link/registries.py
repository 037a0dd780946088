"""The registries of the package: one for each kind, rebuilt from those that were observed.

All origins' registries of one kind share a registry of scope ``pack``, so that types need no scope in the config.
Where that would put two different things under one key, the later origin keeps a registry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from introspect_export.model import EntryFacts, Observation, RegistryFacts, Symbol
from introspect_export.model.liveset import LiveSet
from introspect_export.model.package import OutputRegistry

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
    """

    outputs: tuple[OutputRegistry, ...]
    mapping: Mapping[str, str]
    imports: tuple[str, ...]
    entries: tuple[tuple[str, str, Symbol], ...]
    scopes: Mapping[str, str]

    def type_text(self, registry: str, key: str) -> str:
        """How a config names an entry of an origin's registry."""
        scopes = {output.variable: output.scope for output in self.outputs}
        scope = scopes[self.mapping[registry]]
        return key if scope == SCOPE else f'{scope}.{key}'


def plan_registries(observation: Observation, live: LiveSet) -> RegistryPlan:
    """Return the plan for the registries that live code or the config needs."""
    needed = _needed(observation, live)
    entries = _entries(observation, live)
    mapping: dict[str, str] = {}
    outputs: list[OutputRegistry] = []
    keys: dict[str, dict[str, Symbol]] = {}
    for facts in needed:
        mine = entries.get(facts.id, {})
        variable = _shared(facts, mine, outputs, keys, observation) or _own(facts, outputs, observation)
        if variable not in keys:
            scope = SCOPE if variable == facts.symbols[0].qualname else f'{SCOPE}_{facts.scope}'
            outputs.append(OutputRegistry(variable, scope, facts.id))
        mapping[facts.id] = variable
        keys.setdefault(variable, {}).update(mine)
    held = {
        (mapping[entry.registry], entry.key, entry.target)
        for entry in observation.entries
        if entry.registry in mapping and not entry.origin
    }
    return RegistryPlan(
        outputs=tuple(outputs),
        mapping=mapping,
        imports=tuple(sorted({module for entry in observation.entries for module in entry.registrars})),
        entries=tuple(sorted(held)),
        scopes=_scopes(observation, outputs, mapping),
    )


def _needed(observation: Observation, live: LiveSet) -> list[RegistryFacts]:
    """The registries of the config's scope, then those that live code names or that held what was looked up."""
    asked = {*live.registries, *(entry.registry for entry in observation.entries)}
    asked |= {registry for registry, _ in live.type_strings.values()}
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


def _shared(
    facts: RegistryFacts,
    entries: Mapping[str, Symbol],
    outputs: Iterable[OutputRegistry],
    keys: Mapping[str, Mapping[str, Symbol]],
    observation: Observation,
) -> str | None:
    """The registry of the package that can stand for one more origin registry, if any."""
    for output in outputs:
        other = observation.registries[output.id]
        same_kind = (other.parent, other.class_symbol, other.build_func) == (
            facts.parent,
            facts.class_symbol,
            facts.build_func,
        )
        if facts.parent is None or not same_kind:
            continue
        held = keys[output.variable]
        if all(held.get(key, target) == target for key, target in entries.items()):
            return output.variable
    return None


def _own(facts: RegistryFacts, outputs: Iterable[OutputRegistry], observation: Observation) -> str:
    taken = {output.variable for output in outputs}
    parents = {observation.registries[output.id].parent for output in outputs} - {None}
    name = facts.symbols[0].qualname
    if name not in taken and facts.parent not in parents:
        return name
    return f'{facts.scope}_{name}'.upper()


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
