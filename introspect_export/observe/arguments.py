"""The arguments of constructors: their values and who gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from introspect_export.model.portrait import ArgumentFacts
from introspect_export.model.symbols import Place, Symbol
from introspect_export.observe.makers import Call, Making
from introspect_export.observe.paths import joined
from introspect_export.observe.recording import LiveEvent
from introspect_export.observe.signatures import Signatures
from introspect_export.observe.values import value_text

_FOR_THE_REGISTRY = ('type', '_scope_')


class Arguments:
    """Tells arguments from what was recorded.

    Args:
        config: The config as it was before building changed it.
        folder: A folder whose name is another one in every run; in texts it is ``work_dir``.
    """

    def __init__(self, config: Any, folder: str) -> None:
        self._config = config
        self._folder = folder
        self._signatures = Signatures()

    def of_build(self, event: LiveEvent, calls: Sequence[Call]) -> tuple[ArgumentFacts, ...]:
        """The arguments of what a registry built.

        Args:
            event: The build.
            calls: The constructors called, where that is known.
        """
        given = {key: value for key, value in (event.given or {}).items() if key not in _FOR_THE_REGISTRY}
        first = _at(self._config, event.path) if event.path else None
        written = first if isinstance(first, dict) else {}
        return (*self._given(event, given, written), *self._others(event.target, set(given), calls, set(given)))

    def _given(self, event: LiveEvent, given: Mapping[str, Any], written: Mapping[str, Any]) -> Iterator[ArgumentFacts]:
        for name, value in given.items():
            text = value_text(value).replace(self._folder, 'work_dir') if self._folder else value_text(value)
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

    def of_making(self, making: Making) -> tuple[ArgumentFacts, ...]:
        """The arguments of a module that code made."""
        return tuple(self._others(type(making.module), set(), making.calls, set()))

    def _others(self, target: Any, known: set[str], calls: Sequence[Call], given: set[str]) -> Iterator[ArgumentFacts]:
        """What code gave to the constructors, and the defaults of what nobody gave."""
        seen = set(known)
        for index, call in enumerate(calls):
            function = self._signatures.function(target, call.function)
            for name, text in call.arguments.items() if function is not None else ():
                if name in seen or name in given:
                    continue
                seen.add(name)
                fact = self._argument(function, name, text, call, index > 0)
                if fact is not None:
                    yield fact
        for name, (value, reader) in self._signatures.defaults(target).items():
            if name not in seen and not calls:
                yield ArgumentFacts(name, value_text(value), 'default', '', reader)

    def _argument(self, function: Any, name: str, text: str, call: Call, inner: bool) -> ArgumentFacts | None:
        if self._signatures.is_default(function, name, text):
            return ArgumentFacts(name, text, 'default', '', call.function)
        if name in self._signatures.rebound(function):
            return None  # The constructor has given the name another value: what it was given is not known any more.
        place = Place(call.file, call.line) if inner and call.caller is not None else None
        return ArgumentFacts(name, text, 'code', '', call.function, (), call.caller if inner else None, place)


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
