"""The Observation of a live model: its classes, and the classes and functions that its pickle names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from introspect_export.carry.model_origins import model_origins
from introspect_export.carry.pickle_survey import Survey, survey
from introspect_export.model import Observation, SectionFacts, Symbol
from introspect_export.model.observation import ObservedClass
from introspect_export.observe.class_usage import Census
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.observer import origins_of, versions
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.raw import is_a, mro_of, name_of
from introspect_export.observe.registration_log import Registrations
from introspect_export.observe.runtime_facts import LiveWorld
from introspect_export.observe.symbol_lookup import is_function, symbol_of
from introspect_export.read.origin_modules import SourceTree


@dataclass(frozen=True)
class Carried:
    """A model to be exported, with the facts about it.

    Attributes:
        name: The first part of all paths in it.
        observation: The facts about it.
        modules: The source modules of its origins.
        named: The origins' classes and functions that are pickled by name.
        by_value: The origins' classes and functions that are pickled by value (as bytecode).
        keep: The classes that must not be flattened, since classes pickled by value derive from them.
    """

    name: str
    observation: Observation
    modules: SourceTree
    named: frozenset[Symbol]
    by_value: tuple[Symbol, ...]
    keep: tuple[Symbol, ...]


def observe_model(
    model: torch.nn.Module,
    name: str,
    *,
    intern: Sequence[str] = (),
    extern: Sequence[str] = (),
    imported: Sequence[Symbol] = (),
) -> Carried:
    """Observe a live model: the classes and functions that it consists of.

    Args:
        model: The model; it is not changed.
        name: The first part of all paths in it.
        intern: Packages to treat as origin.
        extern: Packages to treat as libraries.
        imported: Definitions that importing the package needs, by names that are only known then.

    Raises:
        ExportError: Something in it cannot be pickled.
    """
    boundary = Boundary((*model_origins(model), *intern), extern)
    registries = Registries(boundary, Registrations(), [])
    census = Census(boundary)
    census.take([], [(name, model)])
    world = LiveWorld(boundary, registries, census.live)
    modules = SourceTree(world)
    found = survey(name, model, world, modules)
    entries = tuple(found.entries)
    symbols = {*found.named, *(entry.target for entry in entries)}
    seen = {one.symbol: one for one in census.classes}
    # Built: their constructors have run, so types that are defaults there are in the model, or were not needed.
    classes = [replace(one, how='built') for one in census.classes if one.symbol in symbols]
    classes += [ObservedClass(symbol, name, 'found', 0) for symbol in sorted(symbols - seen.keys())]
    classes += [ObservedClass(symbol, 'import', 'asked for', 0) for symbol in imported if symbol not in symbols]
    observation = Observation(
        config={},
        config_file='',
        name=name_of(type(model)),
        scope=_scope(type(model), registries, world),
        sections=(SectionFacts(name, True),),
        events=(),
        entries=entries,
        registries=registries.facts,
        classes=tuple(classes),
        origins=origins_of(boundary, census),
        resources=(),
        versions=versions(sys.path),
        diagnostics=(*census.diagnostics, *found.diagnostics),
        world=world,
    )
    return Carried(name, observation, modules, frozenset(found.named), tuple(found.by_value), _bases(found, world))


def imported_on_demand(module: str, name: str) -> Symbol | None:
    """Return the class or function that an attribute of a loaded module is; None for any other value, and without one.

    This runs the module's ``__getattr__`` (PEP 562), if it has one, as importing the original did.
    """
    value = getattr(sys.modules[module], name, None) if module in sys.modules else None
    return symbol_of(value) if is_a(value, type) or is_function(value) else None


def _scope(kind: type, registries: Registries, world: LiveWorld) -> str:
    """The scope of the registry that holds the model's class; empty where none does."""
    symbol = symbol_of(kind)
    entries = world.registrations(symbol) if symbol is not None else ()
    return next((registries.facts[entry.registry].scope for entry in entries), '')


def _bases(found: Survey, world: LiveWorld) -> tuple[Symbol, ...]:
    """The origins' classes that classes pickled by value derive from."""
    kinds = [value for value in found.by_value.values() if is_a(value, type)]
    symbols = (symbol_of(base) for kind in kinds for base in mro_of(kind)[1:])
    return tuple(dict.fromkeys(each for each in symbols if each is not None and world.is_origin(each.module)))
