"""What importing the package imports, and what waits until a registry is asked.

A module that only defines names and registers in the package's registries is a *location* of those registries
(``mmengine.registry.Registry``): the first look-up in one of them imports it. What does more is imported with the
package; what does nothing, by those that need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from introspect_export.link.effects import Executed
from introspect_export.link.executed import Execution
from introspect_export.link.executed_names import KnownNames
from introspect_export.link.inspected import inspected
from introspect_export.link.modules import LinkedModules
from introspect_export.link.names import PackageNames
from introspect_export.link.registries import REGISTRY, RegistryPlan
from introspect_export.model import EntryFacts, Observation, World
from introspect_export.model.liveset import LiveSet
from introspect_export.model.package import Layout


@dataclass(frozen=True)
class Startup:
    """When the modules of a package are imported.

    Attributes:
        first: Those that the package imports, in order.
        locations: For each registry's variable, those that the first look-up in it imports, in order.
    """

    first: tuple[str, ...]
    locations: Mapping[str, tuple[str, ...]]


def plan_startup(
    observation: Observation,
    live: LiveSet,
    layout: Layout,
    plan: RegistryPlan,
    linked: LinkedModules,
    order: Iterable[str],
) -> Startup:
    """Return what is imported when.

    Args:
        observation: What was observed.
        live: What is live.
        layout: Where each module goes.
        plan: The registries.
        linked: The modules.
        order: An order in which all of them can be imported.
    """
    variables = frozenset(output.variable for output in plan.outputs)
    known = KnownNames(PackageNames(linked.texts, layout, observation.world), variables, observation.world)
    execution = Execution(known)
    executed = {path: execution.module(path) for path in linked.texts}
    registering = _registering(observation, live, layout, plan, executed)
    above = {output.variable: _with_ancestors(output.id, observation, plan) for output in plan.outputs}
    full = inspected(known) | {variable for one in executed.values() for variable in one.forces}
    full |= {
        each for output in plan.outputs if not _is_plain(output.id, observation) for each in above[output.variable]
    }
    first = {path for path, one in executed.items() if one.alters or registering[path] & full} | linked.looked_up
    first |= {layout.modules[each] for filling in live.fillers.values() for each in filling if each in layout.modules}
    # Asking imports all locations. One that imports who asks would find it half executed.
    first |= _with_dependents((path for path, one in executed.items() if one.asks), linked.edges)
    late = only_in_functions(layout, observation.world) - linked.looked_up
    first -= late
    ordered = list(order)
    locations = {
        variable: tuple(path for path in ordered if path not in first | late and registering[path] & variables_above)
        for variable, variables_above in above.items()
    }
    return Startup(tuple(path for path in ordered if path in first), locations)


def only_in_functions(layout: Layout, world: World) -> set[str]:
    """The output modules of origin modules that were not imported while the config was built.

    Only functions import those, and go on to do so: what importing them does, and needs, waits until such a function is
    called, as in the original.
    """
    return {path for module, path in layout.modules.items() if world.binding(module, '__name__') is None}


def _registering(
    observation: Observation, live: LiveSet, layout: Layout, plan: RegistryPlan, executed: Mapping[str, Executed]
) -> dict[str, set[str]]:
    """The registries that each module registers in, by its text and by what was seen in them."""
    result = {path: set(one.registers) for path, one in executed.items()}
    seen: list[EntryFacts] = [*observation.entries]
    for symbol in live.reasons:
        seen.extend(observation.world.registrations(symbol))
    for entry in seen:
        # A closure is registered where it is asked for, not where it is written.
        for module in {entry.target.module, entry.registered[0] if entry.registered else entry.target.module}:
            home = layout.modules.get(module)
            if home in result and entry.registry in plan.mapping:
                result[home].add(plan.mapping[entry.registry])
    return result


def _is_plain(registry: str, observation: Observation) -> bool:
    """Whether a registry imports its locations as mmengine's own class does."""
    return observation.registries[registry].class_symbol == REGISTRY


def _with_ancestors(registry: str, observation: Observation, plan: RegistryPlan) -> frozenset[str]:
    """The variables of a registry and of those in which it looks for what it does not hold, without filling them."""
    result = set()
    current: str | None = registry
    while current is not None:
        if current in plan.mapping:
            result.add(plan.mapping[current])
        current = observation.registries[current].parent
    return frozenset(result)


def _with_dependents(modules: Iterable[str], edges: Mapping[str, Mapping[str, bool]]) -> set[str]:
    """Modules, and all that import them, directly or not."""
    result = set(modules)
    while True:
        more = {path for path, others in edges.items() if path not in result and not result.isdisjoint(others)}
        if not more:
            return result
        result |= more
