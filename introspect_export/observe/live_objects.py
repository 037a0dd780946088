"""Facts about objects that the caller builds in a ``with`` block, or has built before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mmengine.registry import DefaultScope

from introspect_export.model.observation import Observation, SectionFacts
from introspect_export.observe.built_objects import Scene, portray
from introspect_export.observe.class_usage import Census
from introspect_export.observe.config_paths import ConfigPaths
from introspect_export.observe.construction_trace import Makings, makings
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.observer import event_facts, origins_of
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.plain import copied, plain
from introspect_export.observe.recording import LiveEvent, Recorder, recording
from introspect_export.observe.registration_log import Registrations
from introspect_export.observe.runtime_facts import LiveWorld


class ObjectWatch:
    """Records what is built in a block, and keeps those objects alive until the facts are taken from them."""

    def __init__(self) -> None:
        self._paths = _GrowingPaths()
        self._recorder = Recorder(self._paths, lambda target: target)
        self._makings = Makings()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Record what is built while the context lasts."""
        with recording(self._recorder), makings() as made:
            self._makings = made
            yield

    def observation(self) -> Observation:
        """The facts about the recorded objects."""
        roots = [event for event in self._recorder.events if event.parent is None and event.result is not None]
        products = [(event.path or event.type_text, event.result) for event in roots if event.kind == 'build']
        return _observation(self._recorder.events, products, self._makings, self._paths.first)


def observation_of(name: str, value: Any) -> Observation:
    """The facts about an existing object and all objects reachable from it."""
    return _observation([], [(name, value)], Makings(), {})


def _observation(
    events: list[LiveEvent], products: list[tuple[str, Any]], made: Makings, config: dict[str, Any]
) -> Observation:
    boundary = Boundary()
    registries = Registries(boundary, Registrations(), [event.asked for event in events])
    built = tuple(event_facts(event, registries) for event in events)
    census = Census(boundary)
    census.take(events, products)
    scope = DefaultScope.get_current_instance()
    return Observation(
        config=plain(config),
        config_file='',
        name=', '.join(path for path, _ in products) or 'nothing',
        scope=scope.scope_name if scope is not None else 'mmengine',
        sections=tuple(SectionFacts(path, True) for path, _ in products),
        events=built,
        entries=tuple(dict.fromkeys(one.entry for one in built if one.entry is not None)),
        registries=registries.facts,
        classes=census.classes,
        origins=origins_of(boundary, census),
        resources=(),
        versions={},
        diagnostics=tuple(census.diagnostics),
        world=LiveWorld(boundary, registries, census.live),
        objects=portray(Scene(events, products, made, config, {}, ''), boundary),
    )


class _GrowingPaths(ConfigPaths):
    """Config paths without a config: each dict that is built outside of other builds is a root of distinct name."""

    def __init__(self) -> None:
        super().__init__({})
        self.first: dict[str, Any] = {}
        """The dicts of the roots as they were before building changed them."""
        self._roots: dict[str, Any] = {}

    def of(self, value: Any, text: str, under: str) -> str:
        """The path of a dict; one without an enclosing build becomes a new root."""
        if under or not isinstance(value, dict):
            return super().of(value, text, under)
        name = self._name(text)
        self._roots[name] = value
        self.first[name] = copied(value)
        super().__init__(self._roots)  # Indexes the paths again.
        return name

    def _name(self, text: str) -> str:
        base = text.rpartition('.')[2] or 'object'
        names = [base, *(f'{base}_{number}' for number in range(2, len(self.first) + 3))]
        return next(name for name in names if name not in self.first)
