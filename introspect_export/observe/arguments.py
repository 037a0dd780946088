"""The arguments of constructors: their values and who gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from introspect_export.model.object_facts import ArgumentFacts
from introspect_export.model.symbols import Place, Symbol
from introspect_export.observe.construction_trace import Call, Construction
from introspect_export.observe.raw import class_namespace, is_a, mro_of
from introspect_export.observe.recording import LiveEvent
from introspect_export.observe.signatures import SignatureReading, Signatures
from introspect_export.observe.value_texts import value_text
from introspect_export.sandbox.config_tree import joined

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
        written: Any = first if is_a(first, dict) else {}
        return (*self._given(event, given, written), *self._others(event.target, set(given), calls))

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
            yield ArgumentFacts(name, text, source, path, _reader(reading), near)

    def takes_any(self, kind: type) -> bool:
        """Whether the constructor of a class takes arguments at all."""
        return any(
            {'__init__', '__new__'} & class_namespace(each).keys() for each in mro_of(kind) if each is not object
        )

    def of_making(
        self, making: Construction, kind: type, path: str = '', left_out: Sequence[str] = ()
    ) -> tuple[ArgumentFacts, ...]:
        """The arguments of an object that code made.

        Args:
            making: How it was made.
            kind: Its class.
            path: Where it stands in the config, if a runner makes it of what stands there; or empty.
            left_out: The keys there that a runner gives to it, and that were kept from it here.
        """
        written = _at(self._config, path) if path else None
        found = self._others(kind, set(), making.calls)
        return tuple(_from_config(each, written, path, each.name in left_out) for each in found)

    def _others(self, target: Any, given: set[str], calls: Sequence[Call]) -> Iterator[ArgumentFacts]:
        """What code gave to the constructors, and the defaults of what nobody gave."""
        seen = set(given)
        named = (each for index, call in enumerate(calls) for each in self._named(target, call, index > 0))
        kept = (each for index, call in enumerate(calls) for each in self._kept(target, call, index > 0))
        for fact in (*named, *kept, *(self._defaults(target) if not calls else ())):
            if fact.name not in seen:
                seen.add(fact.name)
                yield fact

    def _named(self, target: Any, call: Call, inner: bool) -> Iterator[ArgumentFacts]:
        """The arguments that one constructor has names for."""
        function = self._signatures.function(target, call.code)
        if function is None:
            return
        reader = self._signatures.symbol(function)
        for name, text in call.arguments.items():
            if self._signatures.is_default(function, name, text):
                yield ArgumentFacts(name, text, 'default', '', reader)
            else:
                yield _given_by(call, inner, name, text, reader)

    def _kept(self, target: Any, call: Call, inner: bool) -> Iterator[ArgumentFacts]:
        """What a constructor takes without names for it, and does not only hand on to its parent's."""
        function = self._signatures.function(target, call.code)
        if function is not None and call.rest and not self._signatures.hands_rest_on(function):
            yield _given_by(call, inner, f'*{call.rest_name}', call.rest, self._signatures.symbol(function))
        for name, text in call.keywords.items():
            yield _given_by(call, inner, name, text, _reader(self._signatures.reading(target, name)))

    def _defaults(self, target: Any) -> Iterator[ArgumentFacts]:
        for name, (value, reader) in self._signatures.defaults(target).items():
            yield ArgumentFacts(name, value_text(value), 'default', '', reader)


_ANYBODY = Symbol('', '')
"""The reader of an argument that somebody may read; the text does not tell who."""


def _reader(reading: SignatureReading) -> Symbol | None:
    return _ANYBODY if reading.reader is None and not reading.unread else reading.reader


def _given_by(call: Call, inner: bool, name: str, text: str, reader: Symbol | None) -> ArgumentFacts:
    """An argument that the caller of a constructor gave; who made the object is told with the object."""
    caller = call.caller if inner else None
    place = Place(call.file, call.line) if caller is not None else None
    return ArgumentFacts(name, text, 'code', '', reader, (), caller, place)


def _from_config(fact: ArgumentFacts, written: Any, path: str, left_out: bool) -> ArgumentFacts:
    """The config's argument, where the same value stands there under its name, or would have been given from there."""
    text = value_text(written[fact.name]) if is_a(written, dict) and fact.name in written else None
    if text is None or not (left_out or text == fact.text):
        return fact
    return replace(fact, text=text, source='config', config_path=joined(path, fact.name), caller=None, place=None)


def _at(tree: Any, path: str) -> Any:
    """What stands at a path of a config; None if nothing does."""
    for part in path.split('.'):
        if is_a(tree, dict):
            tree = tree.get(part, tree.get(int(part)) if part.isdigit() else None)
        elif is_a(tree, (list, tuple)) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return None
    return tree
