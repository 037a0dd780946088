"""The arguments of constructors: their values and who gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from introspect_export.model.portrait import ArgumentFacts
from introspect_export.model.symbols import Symbol
from introspect_export.observe.makers import Making
from introspect_export.observe.paths import joined
from introspect_export.observe.recording import LiveEvent
from introspect_export.observe.signatures import Signatures
from introspect_export.observe.values import value_text

_FOR_THE_REGISTRY = ('type', '_scope_')


class Arguments:
    """Tells arguments from what was recorded.

    Args:
        config: The config as it was before building changed it.
    """

    def __init__(self, config: Any) -> None:
        self._config = config
        self._signatures = Signatures()

    def of_build(self, event: LiveEvent) -> tuple[ArgumentFacts, ...]:
        """The arguments of what a registry built."""
        given = {key: value for key, value in (event.given or {}).items() if key not in _FOR_THE_REGISTRY}
        first = _at(self._config, event.path) if event.path else None
        written = first if isinstance(first, dict) else {}
        return (*self._given(event, given, written), *self._defaults(event.target, given))

    def _given(self, event: LiveEvent, given: Mapping[str, Any], written: Mapping[str, Any]) -> Iterator[ArgumentFacts]:
        for name, value in given.items():
            text = value_text(value)
            reading = self._signatures.reading(event.target, name)
            if name in written and value_text(written[name]) == text:
                source, path = 'config', joined(event.path, name)
            else:
                source, path = 'code', event.handed.get(name, '')
            # What the runner's own builders hand over is not the user's to spell.
            near = reading.near if reading.unread else ()
            reader = reading.reader if not reading.unread else None
            unknown = reader is None and not reading.unread
            yield ArgumentFacts(name, text, source, path, _ANYBODY if unknown else reader, near)

    def _defaults(self, target: Any, given: Mapping[str, Any]) -> Iterator[ArgumentFacts]:
        for name, value in self._signatures.defaults(target).items():
            if name not in given:
                reader = self._signatures.reading(target, name).reader
                yield ArgumentFacts(name, value_text(value), 'default', '', reader)

    def of_making(self, making: Making) -> tuple[ArgumentFacts, ...]:
        """The arguments of a module that code made."""
        kind = type(making.module)
        defaults = self._signatures.defaults(kind)
        found = []
        for name, text in making.arguments.items():
            default = name in defaults and value_text(defaults[name]) == text
            reader = self._signatures.reading(kind, name).reader
            found.append(ArgumentFacts(name, text, 'default' if default else 'code', '', reader))
        return tuple(found)


_ANYBODY = Symbol('', '')
"""The reader of an argument that somebody may read; the text does not tell who."""


def _at(tree: Any, path: str) -> Any:
    """What stands at a path of a config; None if nothing does."""
    for part in path.split('.'):
        if isinstance(tree, dict):
            tree = tree.get(part, tree.get(int(part)) if part.isdigit() else None)
        elif isinstance(tree, (list, tuple)) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return None
    return tree
