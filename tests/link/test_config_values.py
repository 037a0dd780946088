"""Values of a config keep their type in the package's, or are refused by their key."""

from __future__ import annotations

import collections
import datetime
import decimal
import functools
import math
import operator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy
import pytest
import torch
from mmengine.config import Config

from introspect_export.link.config_source import config_text
from introspect_export.link.package_config import ConfigLinker
from introspect_export.load import load_config
from introspect_export.model import ExportError
from introspect_export.observe.expressions import expression
from introspect_export.observe.plain import plain
from introspect_export.sandbox.config_tree import own_tree

KEPT: dict[str, Any] = {
    'set': {1, 2},
    'no_set': set(),
    'frozen': frozenset((1, 2)),
    'no_frozen': frozenset(),
    'sets': {frozenset((1,)), (1, 2), None, 'a'},
    'number': numpy.float32(0.1),
    'count': numpy.int64(3),
    'flag': numpy.bool_(True),
    'dtype': numpy.dtype('float32'),
    'torch_dtype': torch.bfloat16,
    'device': torch.device('cuda:1'),
    'path': Path('a/b c'),
    'range': range(1, 9, 2),
    'slice': slice(1, None, 2),
    'surrogate': 'a\ud800',
    'template': '{{ fileBasename }} {{ $HOME:x }} {% raw %}{# c #}',
    'words': 'a\'b"c\\d{e}{{f}}\n\t\r\x00\u2028é"""\'\'\'',
    'bytes': b'\x00"\'\\{{ fileBasename }}',
    'bytearray': bytearray(b'a'),
    'complex': 1 + 2j,
    'odd_complex': complex(math.inf, -0.0),
    'infinite': -math.inf,
    'minus_zero': -0.0,
    'tiny': 1e-320,
    'big': 10**60,
    'huge': -(10**5000),
    'ellipsis': (..., None),
    'decimal': decimal.Decimal('1.10'),
    'date': datetime.datetime(2020, 1, 2),
    'delta': datetime.timedelta(1, 2, 3),
    'ordered': {'b': 1, 'a': {'a b': {1: 2, (1, 2): 3, None: 4, 2.5: b'x', frozenset((1,)): 6}}},
    'letters': {'ﬁ': 1, 'class': 2, 'self': 3},
    'empty': [{}, [], (), (1,)],
    'nested': [dict(a=[(numpy.float64(0.1), {1})], b={'x': {'y': range(2)}})] * 2,
}


def observed(config: Any) -> Any:
    """A config as observing hands it on."""
    return plain(own_tree(load_config(config).config._cfg_dict), expression)


def read(text: str, folder: Path) -> Config:
    (folder / 'written.py').write_text(text)
    return Config.fromfile(str(folder / 'written.py'))


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same through and through, the order of mappings included."""
    if isinstance(one, dict) and isinstance(other, dict):
        return same(list(one.items()), list(other.items()))
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (set, frozenset)):
        return one == other and sorted(map(repr, one)) == sorted(map(repr, other))
    if isinstance(one, int):
        return bool(one == other)
    return repr(one) == repr(other)


@pytest.mark.parametrize('key', KEPT)
def test_a_value_is_read_back_as_the_original_has_it(key: str, tmp_path: Path) -> None:
    loaded = load_config({key: KEPT[key]}).config
    text = config_text(observed({key: KEPT[key]}))
    assert same(read(text, tmp_path)._cfg_dict[key], loaded._cfg_dict[key]), text


@pytest.mark.parametrize('name', ['dict', 'set', 'float', 'range', 'frozenset', 'complex', 'slice'])
def test_a_variable_may_have_the_name_of_a_builtin(name: str, tmp_path: Path) -> None:
    config = {name: 'mine', 'after': [dict(a=1), set(), math.nan, range(2), frozenset('a'), 1j * math.inf, slice(2)]}
    text = config_text(observed(config))
    assert same(read(text, tmp_path)._cfg_dict.to_dict(), load_config(config).config._cfg_dict.to_dict()), text


def test_a_pure_python_config_keeps_its_values_too(tmp_path: Path) -> None:
    (tmp_path / 'lazy.py').write_text(
        'from torch import nn\nmodel = dict(type=nn.Linear, a={1, 2}, b=frozenset((1,)), c=range(3))\n'
    )
    text = config_text(linked(observed(str(tmp_path / 'lazy.py'))))
    model = read(text, tmp_path).model
    assert (model.a, model.b, model.c) == ({1, 2}, frozenset((1,)), range(3))
    assert model.type == 'torch.nn.modules.linear.Linear'


def linked(config: Any, asked: tuple[str, ...] = (), origin: str = 'nobody') -> Any:
    """A config as it is linked; ``asked`` are the types that registries were seen to be asked for."""
    world = SimpleNamespace(is_origin=lambda module: module.partition('.')[0] == origin, resolve=lambda *_: None)
    events = [SimpleNamespace(type_text=each, target=None) for each in asked]
    observation = SimpleNamespace(config=config, world=world, events=events)
    nothing = cast(Any, SimpleNamespace(modules={}, scopes={}))
    return ConfigLinker(cast(Any, observation), nothing, nothing).link()


def method_of() -> Any:
    return 'a'.upper


@pytest.mark.parametrize(
    'value',
    [
        numpy.arange(3),
        numpy.array(3.0),
        torch.ones(2),
        collections.defaultdict(list, a=[1]),
        collections.Counter('aab'),
        collections.deque([1]),
        functools.partial(int, base=2),
        operator.add,
        math.sqrt,
        lambda: 1,
        torch.nn.Linear,
        method_of(),
        object(),
        torch.Size([1, 2]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_written_is_refused_by_its_key(value: Any) -> None:
    with pytest.raises(ExportError, match=r'^model\.parts\[1\]\.odd: ') as caught:
        linked(observed({'model': {'parts': [1, {'odd': value}]}}))
    assert len(caught.value.problems) == 1


def test_all_that_cannot_be_written_is_said_at_once() -> None:
    with pytest.raises(ExportError) as caught:
        linked(observed({'a': torch.ones(2), 'b': {'type': functools.partial(int, base=2)}, 'c': {1: [object()]}}))
    assert [each.partition(':')[0] for each in caught.value.problems] == ['a', 'b.type', 'c[1][0]']


def test_an_object_of_an_origin_is_refused() -> None:
    with pytest.raises(ExportError, match='needs decimal, which is not there'):
        linked(observed({'a': decimal.Decimal(1)}), origin='decimal')


def test_a_class_that_a_registry_was_asked_for_is_named() -> None:
    config = observed({'optim_wrapper': {'constructor': torch.nn.Linear}})
    assert linked(config, asked=('torch.nn.modules.linear.Linear',))['optim_wrapper'] == {
        'constructor': 'torch.nn.modules.linear.Linear'
    }


@pytest.mark.parametrize('key', ['a b', 'class', '', '__a__', 'ﬁ'])
def test_a_name_that_no_variable_can_have_is_refused(key: str) -> None:
    with pytest.raises(ExportError, match='cannot hold a value under this name'):
        config_text({key: 1})
