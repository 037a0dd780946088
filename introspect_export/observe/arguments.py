"""The arguments of constructors: their values, and whether config, code or a default supplied them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from introspect_export.model.object_facts import ArgumentFacts
from introspect_export.model.symbols import Place, Symbol
from introspect_export.observe.construction_trace import Call, Construction
from introspect_export.observe.raw import class_namespace, is_a, mro_of
from introspect_export.observe.recording import LiveEvent
from introspect_export.observe.signatures import Signatures
from introspect_export.observe.value_texts import value_text
from introspect_export.sandbox.config_tree import joined

_REGISTRY_KEYS = ('type', '_scope_')


class Arguments:
    """Derives the arguments of objects from recorded builds and constructor calls.

    Args:
        config: The config as it was before building changed it.
        folder: A folder whose name differs between runs; ``work_dir`` replaces it in texts.
    """

    def __init__(self, config: Any, folder: str) -> None:
        self._config = config
        self._folder = folder
        self._signatures = Signatures()

    def of_build(self, event: LiveEvent, calls: Sequence[Call]) -> tuple[ArgumentFacts, ...]:
        """The arguments of an object that a registry built.

        Args:
            event: The build.
            calls: The constructor calls, or none where they were not recorded.
        """
        passed = {key: value for key, value in (event.given or {}).items() if key not in _REGISTRY_KEYS}
        section = _at(self._config, event.path) if event.path else None
        written: Any = section if is_a(section, dict) else {}
        return (*self._built_from(event, passed, written), *self._others(event.target, set(passed), calls))

    def _built_from(
        self, event: LiveEvent, passed: Mapping[str, Any], written: Mapping[str, Any]
    ) -> Iterator[ArgumentFacts]:
        for name, value in passed.items():
            text = value_text(value).replace(self._folder, 'work_dir') if self._folder else value_text(value)
            reading = self._signatures.reading(event.target, name)
            if name in written and value_text(written[name]) == text:
                source, path = 'config', joined(event.path, name)
            else:
                source, path = 'code', event.handed.get(name, '')
            # Similar names are suggestions for a misspelled argument: one that nothing reads.
            near = reading.near if reading.unread else ()
            yield ArgumentFacts(name, text, source, path, reading.reader, reading.unread, near)

    def takes_any(self, kind: type) -> bool:
        """Whether a class or one of its ancestors but ``object`` defines a constructor."""
        return any(
            {'__init__', '__new__'} & class_namespace(each).keys() for each in mro_of(kind) if each is not object
        )

    def of_making(
        self, making: Construction, kind: type, path: str = '', left_out: Sequence[str] = ()
    ) -> tuple[ArgumentFacts, ...]:
        """The arguments of an object that code constructed.

        Args:
            making: Its construction.
            kind: Its class.
            path: The path of the config section that a runner constructs it from, or empty.
            left_out: The keys of that section that a runner passes to it and that were left out here.
        """
        written = _at(self._config, path) if path else None
        found = self._others(kind, set(), making.calls)
        return tuple(_from_config(each, written, path, each.name in left_out) for each in found)

    def _others(self, target: Any, passed: set[str], calls: Sequence[Call]) -> Iterator[ArgumentFacts]:
        """The arguments that code passed to the constructors, and the defaults of parameters without an argument."""
        seen = set(passed)
        named = (each for index, call in enumerate(calls) for each in self._named(target, call, index > 0))
        kept = (each for index, call in enumerate(calls) for each in self._kept(target, call, index > 0))
        for fact in (*named, *kept, *(self._defaults(target) if not calls else ())):
            if fact.name not in seen:
                seen.add(fact.name)
                yield fact

    def _named(self, target: Any, call: Call, inner: bool) -> Iterator[ArgumentFacts]:
        """The arguments of one constructor's named parameters."""
        function = self._signatures.function(target, call.code)
        if function is None:
            return
        reader = self._signatures.symbol(function)
        for name, text in call.arguments.items():
            if self._signatures.is_default(function, name, text):
                yield ArgumentFacts(name, text, 'default', '', reader)
            else:
                yield _passed_by(call, inner, name, text, reader)

    def _kept(self, target: Any, call: Call, inner: bool) -> Iterator[ArgumentFacts]:
        """The variadic arguments of a constructor; ``*args`` passed on to the parent's constructor are left out."""
        function = self._signatures.function(target, call.code)
        if function is not None and call.rest and not self._signatures.hands_rest_on(function):
            yield _passed_by(call, inner, f'*{call.rest_name}', call.rest, self._signatures.symbol(function))
        for name, text in call.keywords.items():
            reading = self._signatures.reading(target, name)
            yield _passed_by(call, inner, name, text, reading.reader, reading.unread)

    def _defaults(self, target: Any) -> Iterator[ArgumentFacts]:
        for name, (value, reader) in self._signatures.defaults(target).items():
            yield ArgumentFacts(name, value_text(value), 'default', '', reader)


def _passed_by(
    call: Call, inner: bool, name: str, text: str, reader: Symbol | None, unread: bool = False
) -> ArgumentFacts:
    """An argument passed at a call site, with its caller unless that is the one that constructed the object."""
    caller = call.caller if inner else None
    place = Place(call.file, call.line) if caller is not None else None
    return ArgumentFacts(name, text, 'code', '', reader, unread, (), caller, place)


def _from_config(fact: ArgumentFacts, written: Any, path: str, left_out: bool) -> ArgumentFacts:
    """The argument as the config's, where the config has the same value for it, or where it was left out here."""
    text = value_text(written[fact.name]) if is_a(written, dict) and fact.name in written else None
    if text is None or not (left_out or text == fact.text):
        return fact
    return replace(fact, text=text, source='config', config_path=joined(path, fact.name), caller=None, place=None)


def _at(tree: Any, path: str) -> Any:
    """The value at a path of a config, or None."""
    for part in path.split('.'):
        if is_a(tree, dict):
            tree = tree.get(part, tree.get(int(part)) if part.isdigit() else None)
        elif is_a(tree, (list, tuple)) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return None
    return tree
