"""What importing the package imports, and what waits until a registry is asked.

A module that only defines names and registers in the package's registries is a *location* of those registries
(``mmengine.registry.Registry``): the first look-up in one of them imports it. What does more is imported with the
package; what does nothing, by those that need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from introspect_export.link.cycles import closure
from introspect_export.link.import_effects import Effects, Executed
from introspect_export.link.inspected_registries import inspected
from introspect_export.link.modules import LinkedModules
from introspect_export.link.registry_plan import REGISTRY, RegistryPlan, line_of
from introspect_export.model import Observation, World
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import Layout


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
    effects = Effects(linked.parts, live, plan.mapping, observation.world)
    executed = {layout.modules[module]: effects.of_module(module) for module in linked.parts}
    registering = _registering(observation, live, layout, plan, executed)
    known = observation.registries
    above = {
        output.variable: {plan.mapping[each] for each in line_of(output.id, known) if each in plan.mapping}
        for output in plan.outputs
    }
    excerpts = [excerpt for parts in linked.parts.values() for text in parts for excerpt in text.excerpts]
    full = {variable for excerpt in excerpts for variable in inspected(excerpt, live, plan.mapping)}
    full = full.union(*(one.forces for one in executed.values()))
    # One of another class need not import its locations as mmengine's own class does.
    full = full.union(*(above[each.variable] for each in plan.outputs if known[each.id].class_symbol != REGISTRY))
    first = {path for path, one in executed.items() if one.alters or registering[path] & full} | linked.looked_up
    first |= {layout.modules[each] for filling in live.fillers.values() for each in filling if each in layout.modules}
    # Asking imports all locations. One that imports who asks would find it half executed.
    asking = {path for path, one in executed.items() if one.asks}
    first |= {path for path in executed if not asking.isdisjoint(closure(linked.edges, path))}
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
    held = (entry for symbol in live.reasons for entry in observation.world.registrations(symbol))
    for entry in (*observation.entries, *held):
        # A closure is registered where it is asked for, not where it is written.
        for module in {entry.target.module, entry.registered[0] if entry.registered else entry.target.module}:
            home = layout.modules.get(module)
            if home in result and entry.registry in plan.mapping:
                result[home].add(plan.mapping[entry.registry])
    return result
