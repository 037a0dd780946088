"""The time at which each module of the package is imported.

A module that only defines names and registers in the package's registries is a *location* of those registries
(``mmengine.registry.Registry``): the first look-up in one of them imports it. A module with other side effects is
imported by the package's ``__init__``; one without any, only by the modules that use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from introspect_export.link.cycles import closure
from introspect_export.link.import_effects import Effects, Executed
from introspect_export.link.inspected_registries import inspected
from introspect_export.link.linked_modules import LinkedModules
from introspect_export.link.registry_plan import REGISTRY, RegistryPlan, line_of
from introspect_export.model import Observation, World
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import Layout


@dataclass(frozen=True)
class Startup:
    """The modules that are imported with the package, and those that registries import.

    Attributes:
        first: The modules that the package's ``__init__`` imports, in order.
        locations: For each registry's variable, the modules that the first look-up in it imports, in order.
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
    """Decide when each module is imported.

    Args:
        observation: The observation.
        live: The live set.
        layout: The output module of each origin module.
        plan: The registries of the package.
        linked: The output modules.
        order: An order in which all output modules can be imported.
    """
    effects = Effects(linked.parts, live, plan.mapping, observation.world)
    executed = {layout.modules[module]: effects.of_module(module) for module in linked.parts}
    registering = _registering(observation, live, layout, plan, executed)
    known = observation.registries
    # For each registry, itself and its parents: a look-up that it does not answer goes on there.
    lines = {
        output.variable: {plan.mapping[each] for each in line_of(output.id, known) if each in plan.mapping}
        for output in plan.outputs
    }
    excerpts = [excerpt for parts in linked.parts.values() for text in parts for excerpt in text.excerpts]
    # Registries whose content must be complete without a look-up.
    eager = {variable for excerpt in excerpts for variable in inspected(excerpt, live, plan.mapping)}
    eager = eager.union(*(one.forces for one in executed.values()))
    # A subclass of mmengine's ``Registry`` may not import its locations.
    eager = eager.union(*(lines[each.variable] for each in plan.outputs if known[each.id].class_symbol != REGISTRY))
    first = {path for path, one in executed.items() if one.alters or registering[path] & eager} | linked.looked_up
    first |= {layout.modules[each] for filling in live.fillers.values() for each in filling if each in layout.modules}
    # A look-up imports all locations. A location that imports a module which is executing the look-up would find
    # that module incomplete, so neither can be a location.
    querying = {path for path, one in executed.items() if one.asks}
    first |= {path for path in executed if not querying.isdisjoint(closure(linked.edges, path))}
    late = only_in_functions(layout, observation.world) - linked.looked_up
    first -= late
    ordered = list(order)
    locations = {
        variable: tuple(path for path in ordered if path not in first | late and registering[path] & line)
        for variable, line in lines.items()
    }
    return Startup(tuple(path for path in ordered if path in first), locations)


def only_in_functions(layout: Layout, world: World) -> set[str]:
    """Return the output modules of origin modules that were not imported while the config was built.

    They are imported only inside of functions; their side effects and requirements are deferred until such a function
    is called, as in the original.

    Args:
        layout: The output module of each origin module.
        world: The observed process.
    """
    return {path for module, path in layout.modules.items() if world.binding(module, '__name__') is None}


def _registering(
    observation: Observation, live: LiveSet, layout: Layout, plan: RegistryPlan, executed: Mapping[str, Executed]
) -> dict[str, set[str]]:
    """The registries that each module registers in, by its text and by the observed entries."""
    result = {path: set(one.registers) for path, one in executed.items()}
    entries = (entry for symbol in live.reasons for entry in observation.world.registrations(symbol))
    for entry in (*observation.entries, *entries):
        # A closure is registered by the module that calls the enclosing function, not by the one that defines it.
        for module in {entry.target.module, entry.registered[0] if entry.registered else entry.target.module}:
            home = layout.modules.get(module)
            if home in result and entry.registry in plan.mapping:
                result[home].add(plan.mapping[entry.registry])
    return result
