"""Methods whose variables are read all at once: ``__class__`` is among them exactly where it was."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

HIERARCHY = """
    import functools, inspect, sys

    def of_caller():
        return sorted(sys._getframe(1).f_locals)

    def all_of_caller():
        return dict((name, str(value)) for name, value in sys._getframe(1).f_locals.items() if name != 'kw')

    def self_of_caller():
        return type(sys._getframe(1).f_locals['self']).__name__

    class Base:
        def __init__(self, **kw):
            self.kw = sorted(kw)

        def f(self):
            return 'Base.f'

        def eval(self):
            return self

    class Mid(Base):
        def __init__(self, depth=1, **kw):
            {parent}
            super().__init__(depth=depth, **kw)

        def g(self):
            return sorted(locals())

    class Leaf(Mid):
        def __init__(self, width=2, **kw):
            {own}
            super().__init__(**kw)
            self.seen = seen

        def f(self):
            {plain}
    """
OWN = [
    'seen = sorted(locals())', 'seen = sorted(vars())', 'seen = dir()', 'seen = sorted(sys._getframe().f_locals)',
    "seen = locals()['__class__'].__name__", 'seen = of_caller()', "seen = 'x' in locals(), locals().get('width')",
    'frame = inspect.currentframe(); seen = sorted(frame.f_locals); del frame', "seen = locals()['width']",
]  # fmt: skip
PARENT = [
    "kw.update({name: 1 for name in dict(locals()) if name != 'kw'})", 'kw.update(dict.fromkeys(all_of_caller()))',
    "kw.update({locals()['__class__'].__name__: 1})",
]  # fmt: skip
HARMLESS = [
    "kw.update(depth_too=locals()['depth'])",
    "kw[str('x' in locals())] = 1",
    'kw[self_of_caller()] = 1',
    'self.eval()',
    "kw.update({'in_' + name: 1 for name in of_caller()})",
    "kw.update({'in_' + name: 1 for name in dir()})",
    "kw.update({'in_' + name: 1 for name in sorted(locals())})",
]


def both(
    make: Callable[[str, str], ModuleType], run: Callable[[StandaloneClass], Any], **texts: str
) -> tuple[StandaloneClass, list[Any]]:
    texts = {'parent': 'pass', 'own': 'seen = 0', 'plain': 'return 1', **texts}
    module = make('hierarchy', textwrap.dedent(HIERARCHY).format(**texts))
    result = flatten_class(module.Leaf)
    return result, [module.Leaf, run(result)] if result.merged else []


def shown(cls: Any) -> Any:
    made = cls()
    return made.kw, made.seen, made.f(), made.g()


@pytest.mark.parametrize('own', OWN)
def test_own_methods_have_the_same_variables(make: Any, run: Any, own: str) -> None:
    result, classes = both(make, run, own=own)
    assert not result.diagnostics
    assert shown(classes[0]) == shown(classes[1]), result.text


@pytest.mark.parametrize('parent', PARENT)
def test_a_parents_class_variable_is_not_replaced(make: Any, run: Any, parent: str) -> None:
    result, _ = both(make, run, parent=parent)
    assert [each.code for each in result.diagnostics] == ['IE-LIN-LOCALS'], result.text


@pytest.mark.parametrize('parent', HARMLESS)
def test_single_variables_may_be_read(make: Any, run: Any, parent: str) -> None:
    result, classes = both(make, run, parent=parent)
    assert not result.diagnostics
    assert shown(classes[0]) == shown(classes[1])


def test_a_method_without_the_variable_does_not_get_it(make: Any, run: Any) -> None:
    result, _ = both(make, run, plain='return Base.f, sorted(locals())')
    assert [each.code for each in result.diagnostics] == ['IE-LIN-LOCALS']


@pytest.mark.parametrize('plain', ['return self.f.__func__.__closure__', 'return Leaf.f.__code__.co_freevars'])
def test_cells_that_are_asked_for(make: Any, run: Any, plain: str) -> None:
    result, _ = both(make, run, plain=plain)
    assert [each.code for each in result.diagnostics] == ['IE-LIN-LOCALS']
