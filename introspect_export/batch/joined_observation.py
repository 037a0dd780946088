"""Join the observations of several configs in one process, to export them as one package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from introspect_export.model import Binding, EntryFacts, Observation, ObservedClass, Symbol, World
from introspect_export.model.class_facts import Chain, Look

T = TypeVar('T')


class JoinedWorld:
    """Answers questions from the worlds of all observations: each knows objects that no global name is bound to.

    Args:
        worlds: The worlds, with the same modules loaded.
    """

    def __init__(self, worlds: Sequence[World]) -> None:
        self._worlds = worlds

    def is_origin(self, module: str) -> bool:
        """See ``World.is_origin``."""
        return self._worlds[0].is_origin(module)

    def binding(self, module: str, name: str) -> Binding | None:
        """See ``World.binding``."""
        return self._worlds[0].binding(module, name)

    def chain(self, symbol: Symbol) -> Chain | None:
        """See ``World.chain``."""
        return self._first(lambda world: world.chain(symbol))

    def looks(self, symbol: Symbol, *, instances: bool = False) -> tuple[Look, ...]:
        """See ``World.looks``."""
        return self._first(lambda world: world.looks(symbol, instances=instances) or None) or ()

    def source(self, module: str) -> tuple[str, bool] | None:
        """See ``World.source``."""
        return self._worlds[0].source(module)

    def installed(self, module: str, function: str, name: str) -> bool | str | None:
        """See ``World.installed``."""
        return self._worlds[0].installed(module, function, name)

    def registrations(self, symbol: Symbol) -> tuple[EntryFacts, ...]:
        """See ``World.registrations``."""
        return self._first(lambda world: world.registrations(symbol) or None) or ()

    def resolve(self, key: str, near: str) -> EntryFacts | None:
        """See ``World.resolve``."""
        return self._worlds[0].resolve(key, near)

    def _first(self, answer: Callable[[World], T | None]) -> T | None:
        return next((found for world in self._worlds if (found := answer(world)) is not None), None)


def join_observations(observations: Sequence[Observation]) -> Observation:
    """Join observations made with the same modules loaded; the config is that of the first."""
    first = observations[0]
    return replace(
        first,
        sections=_distinct(each for one in observations for each in one.sections),
        events=tuple(each for one in observations for each in one.events),
        entries=_distinct(each for one in observations for each in one.entries),
        classes=_classes(observations),
        origins=tuple(sorted({each for one in observations for each in one.origins})),
        resources=_distinct(each for one in observations for each in one.resources),
        read_configs={file: value for one in observations for file, value in one.read_configs.items()},
        hub_configs={name: one for each in observations for name, one in each.hub_configs.items()},
        more_configs=tuple(one.config for one in observations[1:]),
        versions={name: version for one in observations for name, version in one.versions.items()},
        diagnostics=_distinct(each for one in observations for each in one.diagnostics),
        strings=_strings(observations),
        world=JoinedWorld([one.world for one in observations]),
    )


def _strings(observations: Sequence[Observation]) -> dict[str, frozenset[str]]:
    keys = {key for one in observations for key in one.strings}
    return {key: frozenset().union(*(one.strings.get(key, ()) for one in observations)) for key in keys}


def _distinct(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _classes(observations: Sequence[Observation]) -> tuple[ObservedClass, ...]:
    """The distinct classes; one that some config could not build counts as not built: more of its text is followed."""
    found: dict[Symbol, ObservedClass] = {}
    for observation in observations:
        for each in observation.classes:
            named = replace(each, path=f'{each.path} of {observation.name}')
            if each.symbol not in found or (each.how == 'resolved' and found[each.symbol].how != 'resolved'):
                found[each.symbol] = named
    return tuple(found.values())
