"""Composing the report from an Observation."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from introspect_export.inspect.class_places import ClassTexts
from introspect_export.inspect.findings import Argument, ClassView, Item
from introspect_export.inspect.report import Report
from introspect_export.inspect.settings import Settings
from introspect_export.model import ArgumentFacts, BuildEvent, ObjectFacts, Observation, Symbol
from introspect_export.observe.importing import FAILED_IMPORT

_ALIKE = 0.85


def compose(observation: Observation, settings: Settings) -> Report:
    """Compose the report.

    Args:
        observation: The Observation, with objects.
        settings: The places that set the config's values.
    """
    composer = _Composer(observation, settings)
    items = tuple(composer.item(facts) for facts in observation.objects)
    return Report(
        config=observation.name,
        file=observation.config_file,
        scope=observation.scope,
        sections=observation.sections,
        items=items,
        classes=composer.views(),
        notes=tuple(_notes(observation, settings)),
        diagnostics=observation.diagnostics,
        observation=observation,
    )


class _Composer:
    def __init__(self, observation: Observation, settings: Settings) -> None:
        self._observation = observation
        self._settings = settings
        self._texts = ClassTexts(observation.world)
        self._views: dict[Symbol, ClassView] = {}

    def item(self, facts: ObjectFacts) -> Item:
        event = self._observation.events[facts.event] if facts.event is not None else None
        entry = event.entry if event is not None else None
        view = self._view(facts.symbol)
        registry = self._observation.registries[entry.registry] if entry is not None else None
        known = registry is not None and entry is not None and entry.target == facts.symbol
        return Item(
            path=facts.path,
            config_path=event.path if event is not None else '',
            name=f'{registry.scope}:{entry.key}' if known and registry and entry else str(facts.symbol),
            symbol=facts.symbol,
            place=view.place,
            chain=self._chain(view),
            registry=f'{registry.scope}::{registry.name}' if registry is not None else '',
            maker=facts.maker,
            made_at=facts.place,
            within=facts.within,
            rule=self._rule(event) if event is not None else '',
            arguments=tuple(self._argument(each, facts) for each in facts.arguments),
            known=facts.known,
            copied=facts.copied,
            tensors=facts.tensors,
            parameters=facts.parameters,
            buffers=facts.buffers,
        )

    def _view(self, symbol: Symbol) -> ClassView:
        if symbol not in self._views:
            chain = self._observation.world.chain(symbol)
            mro = tuple(each.symbol for each in chain.mro if each.symbol.module != 'builtins') if chain else (symbol,)
            origin = self._observation.world.is_origin(symbol.module)
            self._views[symbol] = ClassView(symbol, self._texts.place(symbol), mro, origin)
        return self._views[symbol]

    def views(self) -> dict[Symbol, ClassView]:
        """The classes of all objects, and their ancestors that belong to origins."""
        for view in list(self._views.values()):
            for symbol in view.ancestry:
                if self._observation.world.is_origin(symbol.module):
                    self._view(symbol)
        return dict(sorted(self._views.items()))

    def _chain(self, view: ClassView) -> tuple[Symbol, ...]:
        """The class and its ancestors up to the first of a library, or, for a library's class, of another library."""
        top = view.symbol.module.partition('.')[0]
        found = []
        for symbol in view.ancestry:
            found.append(symbol)
            own = symbol.module.partition('.')[0] == top
            if not (self._observation.world.is_origin(symbol.module) if view.origin else own):
                break
        return tuple(found)

    def _rule(self, event: BuildEvent) -> str:
        """An explanation of the scope that was chosen, where several scopes hold the key; else empty."""
        if event.entry is None or not event.others:
            return ''
        registries = self._observation.registries
        holder = registries[event.entry.registry]
        others = ', '.join(registries[each].scope for each in event.others if each in registries)
        start = registries.get(event.searched)
        if '.' in event.type_text:
            why = f"the type is written '{event.type_text}'"
        elif start is not None and start.id != holder.id:
            why = f'the scope in force, {start.scope}, has none, and {holder.scope} is its parent'
        else:
            why = f'{holder.scope} is the scope in force'
        return f"'{event.entry.key}' is in {others} too; {holder.scope}'s was taken: {why}"

    def _argument(self, facts: ArgumentFacts, owner: ObjectFacts) -> Argument:
        origin = self._settings.origin(facts.config_path) if facts.config_path else None
        code = facts.source == 'code'
        return Argument(
            name=facts.name,
            text=facts.text,
            source=facts.source,
            config_path=facts.config_path,
            setting=origin.setting if origin else None,
            overridden=origin.overridden if origin else (),
            around=origin is not None and not origin.exact,
            caller=(facts.caller or owner.maker) if code else None,
            place=(facts.place or owner.place) if code else None,
            reader=facts.reader,
            unread=facts.unread,
            near=facts.near,
        )


def _notes(observation: Observation, settings: Settings) -> Iterator[str]:
    """Messages for imports that failed silently, and for top-level keys that resemble a misspelled section.

    That is, the config lacks the section that the key resembles, and nothing was built from the key.
    """
    yield from (each.message for each in observation.diagnostics if each.code == FAILED_IMPORT)
    known = {section.path.partition('.')[0] for section in observation.sections} | set(observation.known_keys)
    used = {event.path.partition('.')[0] for event in observation.events if event.kind == 'build'}
    for key, value in observation.config.items():
        near = difflib.get_close_matches(key, known - set(observation.config), 1, _ALIKE)
        if near and key not in known and key not in used and isinstance(value, (Mapping, list)):
            origin = settings.origin(key)
            where = f' ({origin.setting.place})' if origin else ''
            yield f"'{key}' is no section, and the runner reads '{near[0]}', which the config lacks{where}"
