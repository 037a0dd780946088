"""The registries of the package, one for each kind of observed registry.

All origins' registries of one kind are merged into one registry of scope ``pack``, so that types need no scope in the
config. Where a key would then have two different entries, the later origin gets a registry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from introspect_export.model import EntryFacts, Observation, RegistryFacts, Symbol
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import OutputRegistry

SCOPE = 'pack'
REGISTRY = Symbol('mmengine.registry.registry', 'Registry')
"""The registry class of mmengine."""


@dataclass(frozen=True)
class RegistryPlan:
    """The registries of the package, and the origins' registries that they replace.

    Attributes:
        outputs: The registries of the package, parents first.
        mapping: For the id of each origin registry, the variable of its registry in the package.
        imports: Library modules whose import makes entries that are looked up.
        entries: The entries of library objects in origins' registries: variable, key and object.
        scopes: For each origin scope, the scope in the package.
        shared: Pairs of a scope of the package and the variable of a registry of another scope, which replaces an
            origin's registry of the former and must also be found under it.
        held: For each registry of the package, by its variable, the keys that it has or may have.
        known: All observed registries by id.
    """

    outputs: tuple[OutputRegistry, ...]
    mapping: Mapping[str, str]
    imports: tuple[str, ...]
    entries: tuple[tuple[str, str, Symbol], ...]
    scopes: Mapping[str, str]
    shared: tuple[tuple[str, str], ...]
    held: Mapping[str, frozenset[str]]
    known: Mapping[str, RegistryFacts]

    def knows(self, registry: str) -> bool:
        """Whether the package can look up entries of a registry: a library's, or one that is in ``mapping``."""
        return registry in self.mapping or not self.known[registry].origin

    def type_text(self, registry: str, key: str) -> str:
        """The ``type`` string in the package for an entry.

        Args:
            registry: The id of the registry, an origin's or a library's.
            key: The key in it.
        """
        if registry not in self.mapping:
            return '.'.join((*self._way(registry), key)) if self._hides(registry, key) else key
        scopes = {output.variable: output.scope for output in self.outputs}
        scope = scopes[self.mapping[registry]]
        return key if scope == SCOPE and self._is_found_alone(registry, key) else f'{scope}.{key}'

    def scope_text(self, scope: str) -> str:
        """The scope in the package for an origin's scope; ``pack`` for one without registries in the package."""
        return self.scopes.get(scope, SCOPE)

    def _hides(self, registry: str, key: str) -> bool:
        """Whether some registry of the package resolves a key without a scope to another entry than this library's."""
        family = self._family(registry)
        return any(registry not in line_of(one.id, self.known) or key in self.held[one.variable] for one in family)

    def _is_found_alone(self, registry: str, key: str) -> bool:
        """Whether a key without a scope resolves to this registry's entry under every scope of the package.

        Under a scope that has no registry with the same root, mmengine searches the root, which finds entries of a
        child by its scope only.
        """
        mine, family = self.mapping[registry], self._family(registry)
        members = {output.variable for output in family}
        found = {output.scope for output in family} | {scope for scope, variable in self.shared if variable in members}
        if {output.scope for output in self.outputs} != found:
            return False
        for output in family:
            line = [self.mapping[each] for each in line_of(output.id, self.known) if each in self.mapping]
            if next((each for each in line if each == mine or key in self.held[each]), '') != mine:
                return False
        return True

    def _family(self, registry: str) -> list[OutputRegistry]:
        """The registries of the package that have the same root as a registry."""
        root = root_of(registry, self.known)
        return [output for output in self.outputs if root_of(output.id, self.known) == root]

    def _way(self, registry: str) -> list[str]:
        """The scopes that lead from any registry with the same root to this one."""
        below = line_of(registry, self.known)[:-1] or (registry,)
        return [self.known[each].scope for each in reversed(below)]


def plan_registries(observation: Observation, live: LiveSet) -> RegistryPlan:
    """Plan the registries that live code or the config needs.

    Args:
        observation: The observation.
        live: The live set.
    """
    needed = _needed(observation, live)
    entries = _entries(observation, live)
    inherited = _inherited(observation)
    mapping: dict[str, str] = {}
    outputs: list[OutputRegistry] = []
    keys: dict[str, dict[str, Symbol]] = {}
    # For each variable, the target that each key resolves to, also those found in parents.
    resolved: dict[str, dict[str, Symbol]] = {}
    for facts in needed:
        mine = entries.get(facts.id, {})
        found = {**inherited.get(facts.id, {}), **mine}
        made = {key for key, target in mine.items() if observation.world.is_origin(target.module)}
        free = [one for one in outputs if made.isdisjoint(keys[one.variable])]
        variable = _shared(facts, found, free, resolved, observation) or _own(facts, outputs, observation)
        if variable not in keys:
            scope = SCOPE if variable == facts.symbols[0].qualname else f'{SCOPE}_{facts.scope}'
            outputs.append(OutputRegistry(variable, scope, facts.id))
        mapping[facts.id] = variable
        keys.setdefault(variable, {}).update(mine)
        resolved.setdefault(variable, {}).update(found)
    looked_up = (*observation.entries, *live.type_strings.values())
    library_entries = {
        (mapping[entry.registry], entry.key, entry.target)
        for entry in observation.entries
        if entry.registry in mapping and not entry.origin
    }
    scopes = _scopes(observation, outputs, mapping)
    return RegistryPlan(
        outputs=tuple(outputs),
        mapping=mapping,
        imports=tuple(sorted({module for entry in looked_up for module in entry.registrars})),
        entries=tuple(sorted(library_entries)),
        scopes=scopes,
        shared=_shared_under_scopes(observation, outputs, mapping, scopes),
        held={variable: frozenset(content) for variable, content in keys.items()},
        known=observation.registries,
    )


def _needed(observation: Observation, live: LiveSet) -> list[RegistryFacts]:
    """The origin registries of the config's scope, then those that live code names or looks up entries in."""
    used = {*live.registries, *(entry.registry for entry in observation.entries)}
    used |= {entry.registry for entry in live.type_strings.values()}
    own = [each for each in observation.registries.values() if each.origin and each.scope == observation.scope]
    others = [
        each
        for each in observation.registries.values()
        if each.origin and each.scope != observation.scope and each.id in used
    ]
    return [*own, *sorted(others, key=lambda each: each.id)]


def _entries(observation: Observation, live: LiveSet) -> dict[str, dict[str, Symbol]]:
    """The entries of each registry in the package: those looked up, and those of live definitions."""
    found: dict[str, dict[str, Symbol]] = {}
    registered: list[EntryFacts] = [*observation.entries]
    for symbol in live.reasons:
        registered.extend(observation.world.registrations(symbol))
    for entry in registered:
        found.setdefault(entry.registry, {})[entry.key] = entry.target
    return found


def _inherited(observation: Observation) -> dict[str, dict[str, Symbol]]:
    """The entries that a look-up without a scope found in a parent of the registry."""
    found: dict[str, dict[str, Symbol]] = {}
    for event in observation.events:
        if event.entry is not None and event.entry.registry != event.searched and event.type_text == event.entry.key:
            found.setdefault(event.searched, {})[event.entry.key] = event.entry.target
    return found


def _shared(
    facts: RegistryFacts,
    found: Mapping[str, Symbol],
    outputs: Iterable[OutputRegistry],
    resolved: Mapping[str, Mapping[str, Symbol]],
    observation: Observation,
) -> str | None:
    """The variable of an output registry that an origin registry can be merged into, or None.

    None of ``outputs`` may have an entry that a statement of this registry makes, too: a second one is an error. Every
    key must resolve to the same target after merging, in the registry itself and in its parents.
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
        known = resolved[output.variable]
        if all(known.get(key, target) == target for key, target in found.items()):
            return output.variable
    return None


def _own(facts: RegistryFacts, outputs: Iterable[OutputRegistry], observation: Observation) -> str:
    taken = {output.variable for output in outputs}
    # Of the registries with one root, only one can have the package's scope: a search ends at the first.
    families = {root_of(output.id, observation.registries) for output in outputs}
    name = facts.symbols[0].qualname
    if name not in taken and root_of(facts.id, observation.registries) not in families:
        return name
    return f'{facts.scope}_{name}'.upper()


def line_of(registry: str, known: Mapping[str, RegistryFacts]) -> tuple[str, ...]:
    """Return a registry and its ancestors, up to the root.

    Args:
        registry: The registry's id.
        known: All registries by id.
    """
    parent = known[registry].parent
    return (registry, *line_of(parent, known)) if parent is not None else (registry,)


def root_of(registry: str, known: Mapping[str, RegistryFacts]) -> str:
    """Return the root above a registry, or the registry itself if it has no parent.

    Args:
        registry: The registry's id.
        known: All registries by id.
    """
    return line_of(registry, known)[-1]


def _shared_under_scopes(
    observation: Observation, outputs: list[OutputRegistry], mapping: Mapping[str, str], scopes: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The merged registries of origins with further registries of their own, whose scope must lead to both."""
    known = observation.registries
    scope_of = {output.variable: output.scope for output in outputs}
    own = {(output.scope, root_of(output.id, known)) for output in outputs}
    found = {(scopes[known[each].scope], variable, root_of(each, known)) for each, variable in mapping.items()}
    return tuple(
        sorted(
            (scope, variable)
            for scope, variable, root in found
            if scope not in (SCOPE, scope_of[variable]) and (scope, root) not in own and root not in mapping
        )
    )


def _scopes(observation: Observation, outputs: list[OutputRegistry], mapping: Mapping[str, str]) -> dict[str, str]:
    scope_of = {output.variable: output.scope for output in outputs}
    result: dict[str, str] = {}
    for id_, variable in mapping.items():
        scope = observation.registries[id_].scope
        # A scope with some merged registries maps to the scope of its own: entries of merged ones are found there, too.
        if result.get(scope, SCOPE) == SCOPE:
            result[scope] = scope_of[variable]
    result[observation.scope] = SCOPE
    return result
