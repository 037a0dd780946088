"""Facts about every object that was built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from introspect_export.model.object_facts import ObjectFacts, TensorFacts
from introspect_export.model.symbols import Place, Symbol
from introspect_export.observe.arguments import Arguments
from introspect_export.observe.construction_trace import Makings
from introspect_export.observe.object_graph import walk
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.raw import is_a, module_of, modules_of, namespace, pairs, stored
from introspect_export.observe.recording import LiveEvent
from introspect_export.observe.symbol_lookup import named
from introspect_export.observe.texts import source_file

_CONTAINERS = (dict, list, tuple, set, frozenset)


@dataclass(frozen=True)
class Scene:
    """The live objects to describe, and the records of their construction.

    Attributes:
        events: The recorded calls of registries.
        products: The sections' objects with their paths.
        makings: The recorded constructions.
        config: The config as it was before building changed it.
        left_out: By section, the keys of the config that a runner passes to its object and that were left out here.
        folder: The working folder of the observation, whose name differs between runs.
    """

    events: list[LiveEvent]
    products: list[tuple[str, Any]]
    makings: Makings
    config: Any
    left_out: Mapping[str, tuple[str, ...]]
    folder: str


def portray(scene: Scene, boundary: Boundary) -> tuple[ObjectFacts, ...]:
    """Describe the objects of the sections: modules, what registries built, and instances of origins' classes.

    Args:
        scene: The objects and the records.
        boundary: Decides which classes are origins'.
    """
    return tuple(_Describer(scene, boundary).objects())


class _Describer:
    def __init__(self, scene: Scene, boundary: Boundary) -> None:
        self._scene = scene
        self._boundary = boundary
        self._arguments = Arguments(scene.config, scene.folder)
        self._events = _by_result(scene.events)
        self._products = {id(value) for _, value in scene.products}
        self._found: list[tuple[str, Any]] = []

    def objects(self) -> Iterator[ObjectFacts]:
        walk(self._scene.products, self._visit)
        for path, value in self._found:
            facts = self._facts(path, value)
            yield _with_tensors(facts, value) if is_a(value, torch.nn.Module) else facts

    def _visit(self, path: str, value: Any) -> None:
        if id(value) in self._events or self._is_object(value):
            self._found.append((path, value))

    def _is_object(self, value: Any) -> bool:
        """Whether an object that no registry built is described: a module, a section's own object, or an origin's."""
        kind = type(value)
        if issubclass(kind, torch.nn.Module):
            return True
        return not issubclass(kind, _CONTAINERS) and (id(value) in self._products or self._is_origin(kind))

    def _is_origin(self, kind: type) -> bool:
        return self._boundary.is_origin(module_of(kind))

    def _facts(self, path: str, value: Any) -> ObjectFacts:
        symbol = named(type(value)) or Symbol('', str(stored(type(value), '__qualname__')))
        making = self._scene.makings.of(value)
        calls = making.calls if making is not None else ()
        event = self._events.get(id(value))
        if event is not None:
            place = _place(event.caller, event.line)
            arguments = self._arguments.of_build(event, calls)
            return ObjectFacts(path, symbol, event.index, event.caller, place, arguments=arguments)
        if making is None:
            return ObjectFacts(path, symbol, known=not self._arguments.takes_any(type(value)))
        place = Place(making.file, making.line) if making.maker is not None else None
        made = ObjectFacts(path, symbol, None, making.maker, place, making.within, copied=making.copied is not None)
        first = self._events.get(id(making.copied())) if making.copied is not None else None
        if first is not None:
            return replace(made, event=first.index, arguments=self._arguments.of_build(first, calls))
        kind, section = type(value), path if id(value) in self._products else ''
        known = bool(calls) or not self._arguments.takes_any(kind)
        arguments = self._arguments.of_making(making, kind, section, self._scene.left_out.get(section, ()))
        return replace(made, arguments=arguments, known=known)


def _by_result(events: list[LiveEvent]) -> dict[int, LiveEvent]:
    """The event that constructed each object: of nested builds that return the same object, the one of its class."""
    found: dict[int, LiveEvent] = {}
    for event in events:
        result = event.result
        if result is None or type(result) in _CONTAINERS or is_a(result, type):
            continue
        if id(result) not in found or event.target is type(result):
            found[id(result)] = event
    return found


def _place(caller: Symbol | None, line: int) -> Place | None:
    file = source_file(caller.module) if caller is not None else None
    return Place(file, line) if file else None


def _with_tensors(facts: ObjectFacts, module: torch.nn.Module) -> ObjectFacts:
    # A tensor subclass may override ``shape`` through ``__torch_function__``.
    with torch._C.DisableTorchFunctionSubclass():
        return replace(
            facts,
            tensors=tuple(_tensors(module)),
            parameters=_elements(module, '_parameters'),
            buffers=_elements(module, '_buffers'),
        )


def _elements(module: torch.nn.Module, kind: str) -> int:
    """The number of elements in the parameters or buffers of a module and its descendants, each counted once."""
    tensors = {id(value): value for each in modules_of(module) for _, value in _own(each, kind)}
    return sum(each.numel() for each in tensors.values())


def _own(module: torch.nn.Module, kind: str) -> Iterator[tuple[str, Any]]:
    """The parameters or buffers of a module itself; uninitialized ones, which have no shape, are left out."""
    table = namespace(module).get(kind)
    for name, value in pairs(table) if is_a(table, dict) else ():
        if value is not None and _is_sized(value):
            yield name, value


def _tensors(module: torch.nn.Module) -> Iterator[TensorFacts]:
    for name, parameter in _own(module, '_parameters'):
        yield _tensor(name, parameter, 'parameter' if parameter.requires_grad else 'frozen')
    for name, buffer in _own(module, '_buffers'):
        yield _tensor(name, buffer, 'buffer')


def _is_sized(parameter: Any) -> bool:
    """Whether a parameter has a shape; that of a lazy module has none until its first call."""
    return not torch.nn.parameter.is_lazy(parameter)


def _tensor(name: str, value: torch.Tensor, kind: str) -> TensorFacts:
    return TensorFacts(name, tuple(value.shape), str(value.dtype).rpartition('.')[2], value.numel(), kind)
