"""Library classes that stand before a merged one in the MRO: what they look up through ``super`` decides."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from introspect_export.linearize import linearize, subclass_refusal
from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class
from introspect_export.live_class.live_modules import LiveModules, binding_of
from introspect_export.observe.chains import chain_of

OriginModule = Callable[[str], Any]
Run = Callable[[StandaloneClass], Any]

LIBRARY = """
class Top:
    switch = False

    def __init__(self, *args):
        self.made = ['Top']
        if self.switch:
            super().__init__(*args)

class Forward(Top):
    def __init__(self):
        super().__init__()
        self.made.append('Forward')

class Talks:
    def f(self):
        return super().f()

class Empty:
    def reset(self):
        super().reset()

class Bottom:
    def reset(self):
        self.made = ['Bottom']
"""
MIXIN = '''
class Mixin:
    def __init__(self, x):
        self.x = x

class Passes(Bottom):
    """Says nothing."""

    def reset(self):
        """Nothing of its own."""
        super().reset()

class Adds(Bottom):
    def reset(self):
        super().reset()
        self.added = True

class Takes(Bottom):
    def reset(self, x=1):
        super().reset()
'''


def origin(module: str) -> bool:
    return module == 'first_origin'


@pytest.fixture
def origin_module(make: Callable[[str, str], ModuleType]) -> Callable[[str], Any]:
    """Make the module whose classes are merged, beside the library."""

    def both(text: str) -> Any:
        make('first_library', LIBRARY)
        names = 'Top, Forward, Talks, Empty, Bottom'
        return make('first_origin', f'from first_library import {names}\n{MIXIN}\n{text}')

    return both


def codes(result: StandaloneClass) -> set[str]:
    return {each.code for each in result.diagnostics}


LEAF = """
class Leaf(Forward, Mixin):
    def __init__(self, x):
        Forward.__init__(self)
        Mixin.__init__(self, x)
"""


def test_a_lookup_under_a_switch_that_is_off(origin_module: OriginModule, run: Run) -> None:
    leaf = origin_module(LEAF).Leaf
    result = flatten_class(leaf, is_origin=origin)
    assert [each.qualname for each in result.merged] == ['Mixin']
    assert vars(run(result)(2)) == vars(leaf(2)) == {'made': ['Top', 'Forward'], 'x': 2}


@pytest.mark.parametrize(
    'text',
    [
        LEAF + '    switch = True\n',
        LEAF + '    def turn(self):\n        self.switch = True\n',
        LEAF + "    def turn(self):\n        setattr(self, 'switch', True)\n",
        'from functools import lru_cache\n'
        + LEAF
        + '    @lru_cache\n    def turn(self):\n        self.switch = True\n',
        LEAF + '    def __getattribute__(self, name):\n        return True\n',
    ],
)
def test_a_switch_that_may_be_turned_on(origin_module: OriginModule, text: str) -> None:
    result = flatten_class(origin_module(text).Leaf, is_origin=origin)
    assert not result.merged
    assert 'IE-LIN-LIBRARY-FIRST' in codes(result)


def test_what_stands_before_an_ancestor_that_is_looked_up_is_merged(origin_module: OriginModule, run: Run) -> None:
    on = 'class On(Top):\n    switch = 1\n\n\nclass Leaf(Forward, On, Mixin)'
    leaf = origin_module(LEAF.replace('class Leaf(Forward, Mixin)', on)).Leaf
    result = flatten_class(leaf, is_origin=origin)
    assert [each.qualname for each in result.merged] == ['On']
    assert [each.qualname for each in result.bases] == ['Forward', 'Mixin']
    (why,) = result.diagnostics
    assert why.code == 'IE-KEPT-BASE'
    assert why.message.startswith('Mixin stays its ancestor: Top comes before Mixin and may call its __init__')
    for each in (leaf, run(result)):
        with pytest.raises(TypeError, match=r'Mixin.__init__\(\) missing'):
            each(2)


def test_a_subclass_that_keeps_its_chain_may_turn_the_switch_on(origin_module: OriginModule) -> None:
    module = origin_module(LEAF + '\n\nclass On(Leaf):\n    switch = True\n')
    flat = linearize(chain_of(module.Leaf, origin), LiveModules(module.Leaf), binding_of(module.Leaf))
    refusal = subclass_refusal(chain_of(module.On, origin), flat)
    assert refusal is not None
    assert refusal.code == 'IE-LIN-SUBCLASS'


def test_a_lookup_that_finds_another_library_class(origin_module: OriginModule) -> None:
    # Forward's super().__init__ is Top's; only Top's, under its switch, would be Mixin's.
    result = flatten_class(origin_module('class Leaf(Forward, Mixin):\n    pass\n').Leaf, is_origin=origin)
    assert result.merged


def test_a_lookup_that_finds_the_merged_class(origin_module: OriginModule) -> None:
    text = 'class Says:\n    def f(self):\n        return 1\n\n\nclass Leaf(Talks, Says):\n    pass\n'
    leaf = origin_module(text).Leaf
    result = flatten_class(leaf, is_origin=origin)
    assert leaf().f() == 1
    assert codes(result) == {'IE-LIN-LIBRARY-FIRST'}


def test_a_definition_that_only_passes_on(origin_module: OriginModule, run: Run) -> None:
    leaf = origin_module('class Leaf(Empty, Passes):\n    pass\n').Leaf
    result = flatten_class(leaf, is_origin=origin)
    assert [each.qualname for each in result.merged] == ['Passes']
    flat = run(result)
    assert [each.__name__ for each in flat.__mro__] == ['Leaf', 'Empty', 'Bottom', 'object']
    made = flat()
    made.reset()
    assert vars(made) == {'made': ['Bottom']}


@pytest.mark.parametrize('parent', ['Adds', 'Takes'])
def test_a_definition_that_does_more_than_pass_on(origin_module: OriginModule, parent: str) -> None:
    result = flatten_class(origin_module(f'class Leaf(Empty, {parent}):\n    pass\n').Leaf, is_origin=origin)
    assert codes(result) == {'IE-LIN-LIBRARY-FIRST'}
