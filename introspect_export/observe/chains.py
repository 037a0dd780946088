"""Facts about live classes: the method resolution order of a class, and the properties of every class in it."""

from __future__ import annotations

import builtins
import enum
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol

from introspect_export.model import Chain, ClassFacts, Symbol
from introspect_export.observe.library_super_calls import made_by_statement, super_lookups
from introspect_export.observe.metaclass_effects import HOOK, ClassCreation, making_of, subclassing_of
from introspect_export.observe.mro_readers import looks_of
from introspect_export.observe.raw import (
    bases_of,
    class_namespace,
    elements,
    is_a,
    module_of,
    mro_of,
    namespace,
    stored,
)
from introspect_export.observe.set_name_effects import list_of_names
from introspect_export.read.constant_text import constant_text, one_of

_IMMUTABLE = (str, bytes, int, float, complex, bool, type(None), type(...), range, frozenset, slice, enum.Enum)
_PLAIN: tuple[tuple[type, str], ...] = (
    (types.FunctionType, 'function'),
    (property, 'property'),
    (classmethod, 'classmethod'),
    (staticmethod, 'staticmethod'),
)
_ABSTRACT = '__isabstractmethod__'


def chain_of(cls: type, is_origin: Callable[[str], bool]) -> Chain:
    """Return the chain of a live class.

    Args:
        cls: The class.
        is_origin: Returns whether a module, given by name, belongs to an origin.
    """
    mro = mro_of(cls)
    last_origin = max((index for index, each in enumerate(mro) if is_origin(module_of(each))), default=-1)
    lists = {name for each in mro for name in _lists(each).values()}
    # Look-ups through super in a library class matter only where an origin's class comes after it in the MRO.
    return Chain(
        tuple(
            _facts(each, is_origin(module_of(each)), mro, index < last_origin, lists) for index, each in enumerate(mro)
        )
    )


def symbol_of(cls: type) -> Symbol:
    """Return the symbol of a class's ``__module__`` and ``__qualname__``."""
    return Symbol(module_of(cls), str(stored(cls, '__qualname__')))


def _facts(cls: type, origin: bool, mro: tuple[type, ...], before_origin: bool, lists: set[str]) -> ClassFacts:
    namespace = class_namespace(cls)
    abstract = elements(namespace.get('__abstractmethods__'))
    making = making_of(type(cls))
    subclassing = subclassing_of(cls) if _is_hooked(cls) else ClassCreation(frozenset(), frozenset())
    # https://docs.python.org/3/library/typing.html#typing.Protocol: whether it is a protocol, and its hook.
    protocol_sets = {'_is_protocol', '__subclasshook__'} if cls is Protocol else set()
    return ClassFacts(
        symbol=symbol_of(cls),
        origin=origin,
        bases=tuple(symbol_of(base) for base in bases_of(cls)),
        metaclass=symbol_of(type(cls)),
        members={name: _kind(value) for name, value in namespace.items()},
        traits=frozenset(_traits(cls)),
        lines=dict(_lines(cls)) if origin else {},
        abstract=frozenset(
            name for name, value in namespace.items() if name in abstract or stored(value, _ABSTRACT) is True
        ),
        mutable=frozenset(name for name, value in namespace.items() if _kind(value) == 'data' and not _frozen(value)),
        constants=dict(_constants(namespace)) if origin else {},
        supers=super_lookups(cls, mro) if before_origin and not origin else frozenset(),
        parameters=_parameters(cls),
        metaclass_acts=making.acts,
        metaclass_sets=making.sets,
        metaclass_reads=making.reads,
        subclass_sets=subclassing.sets | protocol_sets,
        subclass_reads=subclassing.reads,
        shared=frozenset(_shared(mro)) if cls is mro[0] else frozenset(),
        lists=_lists(cls),
        listed={name: tuple(value) for name, value in namespace.items() if name in lists and _is_list_of_names(value)},
        looks=looks_of(cls, mro) if cls is not object else {},
        qualnames=dict(_qualnames(namespace)) if origin else {},
    )


def _constants(namespace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in namespace.items():
        text = constant_text(value)
        if text is not None:
            yield name, text


def _qualnames(namespace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in namespace.items():
        function = value.__func__ if is_a(value, (classmethod, staticmethod)) else value
        if type(function) is types.FunctionType:
            yield name, function.__qualname__


def _parameters(cls: type) -> tuple[str, ...]:
    found = stored(cls, '__parameters__')
    return tuple(str(each) for each in found) if isinstance(found, tuple) else ()


def _lists(cls: type) -> dict[str, str]:
    """The members whose ``__set_name__`` appends their name to a list of the class, with the attribute of that list."""
    found = {
        name: list_of_names(value)
        for name, value in class_namespace(cls).items()
        if stored(type(value), '__set_name__') is not None
    }
    return {name: attribute for name, attribute in found.items() if attribute}


def _shared(mro: tuple[type, ...]) -> Iterator[str]:
    """The mutable members of a class that are also, under any name, in the namespace of an ancestor."""
    inherited = {id(value) for each in mro[1:] for value in class_namespace(each).values()}
    for name, value in class_namespace(mro[0]).items():
        if id(value) in inherited and _kind(value) == 'data' and not _frozen(value):
            yield name


def _is_list_of_names(value: Any) -> bool:
    return type(value) is list and all(type(each) is str for each in value)


def _kind(value: Any) -> str:
    """The kind of a value in a class's namespace, by its type: attribute access on the value could run its code."""
    found = next((kind for each, kind in _PLAIN if type(value) is each), None)
    if found is not None:
        return found
    if is_a(value, type):
        return 'class'
    if is_a(value, types.MemberDescriptorType):
        return 'slot'
    if is_a(value, (types.WrapperDescriptorType, types.MethodDescriptorType, types.BuiltinFunctionType)):
        return 'function'
    if is_a(value, functools.cached_property):
        return 'cached'
    if stored(type(value), '__set_name__') is not None:
        if is_a(value, property):
            return 'property'
        return 'named' if list_of_names(value) is None else 'told'
    return 'descriptor' if stored(type(value), '__get__') is not None else 'data'


def _frozen(value: Any) -> bool:
    if is_a(value, tuple):
        return all(_frozen(each) for each in tuple.__iter__(value))
    return is_a(value, (*_IMMUTABLE, types.ModuleType, type)) or callable(value)


def _traits(cls: type) -> Iterator[str]:
    namespace = class_namespace(cls)
    if is_a(cls, enum.EnumMeta):
        yield 'enum'
    if issubclass(cls, BaseException):
        yield 'exception'
    if '__dataclass_fields__' in namespace:
        yield 'dataclass'
    if issubclass(cls, tuple) and '_fields' in namespace:
        yield 'namedtuple'
    if '__slots__' in namespace:
        yield 'slots'
    if one_of(Generic, mro_of(cls)):
        yield 'generic'
    if one_of(Protocol, mro_of(cls)):
        yield 'protocol'
    if namespace.get('_is_protocol') is True:
        yield 'protocol-class'
    if '__total__' in namespace and '__required_keys__' in namespace:
        yield 'typeddict'
    if _is_hooked(cls) and subclassing_of(cls).acts:
        yield 'init-subclass'
    if not _has_source(cls):
        yield 'no-source'
    elif _module_file(cls) is None:
        yield 'typed-in'
    found = _lookup(cls)
    if found is not cls:
        yield 'hidden'
        if is_a(found, type) and symbol_of(found) == symbol_of(cls):
            yield 'replaced'


def _is_hooked(cls: type) -> bool:
    """Whether a class, none of ``object``, ``Generic`` and ``Protocol``, defines ``__init_subclass__``."""
    return HOOK in class_namespace(cls) and not one_of(cls, (object, Generic, Protocol))


def _module_file(cls: type) -> str | None:
    file = namespace(sys.modules.get(module_of(cls))).get('__file__')
    return file if isinstance(file, str) and file.endswith('.py') else None


def _has_source(cls: type) -> bool:
    file = namespace(sys.modules.get(module_of(cls))).get('__file__')
    return made_by_statement(cls) and (not isinstance(file, str) or file.endswith('.py'))


def _lookup(cls: type) -> Any:
    found: Any = builtins if module_of(cls) == 'builtins' else sys.modules.get(module_of(cls))
    for name in symbol_of(cls).qualname.split('.'):
        found = inspect.getattr_static(found, name, None)
    return found


def _lines(cls: type) -> Iterator[tuple[str, int]]:
    file = _module_file(cls)
    if file is None:
        return
    for name, value in class_namespace(cls).items():
        function = value.__func__ if is_a(value, (classmethod, staticmethod)) else value
        if is_a(value, property):
            function = value.fget
        if type(function) is types.FunctionType and function.__code__.co_filename == file:
            yield name, function.__code__.co_firstlineno
