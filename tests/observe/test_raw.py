"""Looking at objects whose every hook raises: none of their code runs."""

from __future__ import annotations

import functools
from collections import OrderedDict, UserDict, deque
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pytest
import torch

from introspect_export.observe import raw
from introspect_export.observe.chains import chain_of
from introspect_export.observe.class_usage import Census
from introspect_export.observe.live_registries import Registries
from introspect_export.observe.object_graph import walk
from introspect_export.observe.origin_policy import Boundary
from introspect_export.observe.registration_log import Registrations
from introspect_export.observe.runtime_facts import LiveWorld
from introspect_export.observe.symbol_lookup import is_function, named
from introspect_export.observe.value_texts import value_text

PROJECT = """
from collections import OrderedDict, deque
from types import ModuleType
from torch import nn

ARMED = []


def refuse(*args, **kwargs):
    if ARMED:
        raise SystemExit('foreign code ran')
    raise AttributeError


HOOKS = ('keys', 'values', 'items', 'get', '__iter__', '__len__', '__eq__', '__bool__', '__hash__', '__contains__',
         '__getattr__', '__getitem__', '__repr__', '__str__', '__reduce_ex__', '__format__', '__call__')


def hooked(*bases):
    body = {name: refuse for name in HOOKS}
    body['__class__'] = property(lambda self: refuse())
    body['__module__'] = __name__
    body['shape'] = body['dtype'] = property(refuse)
    return type('Hooked' + bases[0].__name__, bases, body)


class Inner:
    pass


Table = hooked(dict)
table = Table(inner=Inner)
ordered = hooked(OrderedDict)(inner=Inner)
listed = hooked(list)([Inner])
tupled = hooked(tuple)((Inner,))
queued = hooked(deque)([Inner])
proxy = hooked(object)()
held = [table, ordered, listed, tupled, queued, proxy]


class Lazy(ModuleType):
    __getattr__ = __dir__ = refuse


lazy = Lazy('lazy')


class Net(nn.Module):
    label = proxy
    def __init__(self):
        super().__init__()
        self.held = held
        self.lazy = lazy
    modules = named_modules = parameters = buffers = children = named_children = refuse
"""

_TABLES = ('table', 'ordered', 'listed', 'tupled', 'queued')


@pytest.fixture
def hostile(small_project: Callable[[Any], Path]) -> Any:
    """The project's module, with all hooks armed."""
    import importlib

    small_project({'hostile.py': PROJECT})
    module = importlib.import_module('hostile')
    model = module.Net()
    module.ARMED.append(1)
    yield module, model
    module.ARMED.clear()


@pytest.mark.parametrize('name', _TABLES)
def test_containers_are_looked_into_by_their_base_types(hostile: Any, name: str) -> None:
    module, _ = hostile
    value = vars(module)[name]
    assert any(each is module.Inner for each in raw.contained(value))
    assert any(each is module.Inner for each in raw.contained(functools.partial(print, module.Inner)))


def test_a_read_only_view_is_looked_through(hostile: Any) -> None:
    module, _ = hostile
    assert any(each is module.Inner for each in raw.contained(MappingProxyType(module.table)))
    # What is no dict inside is nobody's to ask.
    assert raw.contained(MappingProxyType(UserDict(a=1))) == []


def test_every_global_is_described(hostile: Any) -> None:
    module, model = hostile
    boundary = Boundary()
    world = LiveWorld(boundary, Registries(boundary, Registrations(), []), {})
    for name in _TABLES:
        binding = world.binding('hostile', name)
        assert binding is not None and 'hostile:Inner' in [str(each) for each in binding.contains]
    proxy, lazy = world.binding('hostile', 'proxy'), world.binding('hostile', 'lazy')
    assert proxy is not None and proxy.kind == 'data' and proxy.symbol is None
    assert lazy is not None and lazy.kind == 'module' and str(lazy.symbol) == 'lazy'
    assert not is_function(module.proxy) and named(module.proxy) is None
    assert [each.symbol.qualname for each in chain_of(module.Net, boundary.is_origin).mro] == [
        'Net',
        'Module',
        'object',
    ]
    assert chain_of(module.Net, boundary.is_origin).mro[0].members['label'] == 'data'
    census = Census(boundary)
    census.take([], [('model', model)])
    found = {each.symbol.qualname for each in census.classes}
    assert {'Net', 'Hookeddict', 'Hookedlist', 'Hookedobject'} <= found


def test_walking_and_writing_down(hostile: Any) -> None:
    module, model = hostile
    seen: list[Any] = []
    assert walk([('model', model)], lambda path, value: seen.append(value))
    assert any(each is module.proxy for each in seen)
    assert value_text(module.proxy) == '<hostile.Hookedobject>'
    assert value_text(module.table) == 'dict(inner=<hostile.Inner>)'
    assert [type(each).__name__ for each in raw.modules_of(model)] == ['Net']


def test_what_is_stored_is_read_past_what_a_class_overrides() -> None:
    class Slotted:
        __slots__ = ('kept',)

        def __getattribute__(self, name: str) -> Any:
            raise SystemExit

    class Masked(torch.nn.Module):
        @property
        def __dict__(self) -> Any:  # type: ignore[override]
            raise SystemExit

    one = Slotted()
    object.__setattr__(one, 'kept', 3)
    assert raw.stored(one, 'kept') == 3 and raw.stored(one, 'other') is None
    assert 'training' in raw.namespace(Masked())
    assert raw.stored(raw.mro_of, '__qualname__') == 'mro_of' and raw.stored(deque().append, '__name__') == 'append'
    assert raw.pairs(OrderedDict(a=1)) == [('a', 1)] and raw.elements('text') == []
    assert raw.module_of(ModuleType) == 'builtins' and raw.module_of(Slotted) == __name__
