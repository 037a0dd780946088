"""Looks at a class from outside: what would see another resolution order keeps the chain, all else is flattened."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

HELPERS = """
    import inspect, operator, typing
    from functools import partial
    from inspect import getmro as order

    def collect(cls):
        return [vars(each).get('keys') for each in reversed(cls.__mro__)]

    def through(thing, *rest, kind=None):
        return collect(kind or type(thing))

    def second(thing, kind):
        return collect(kind)

    def kind_of(thing):
        return thing.__class__

    def own(cls):
        return cls.__dict__.get('keys')

    def asks(thing):
        return getattr(thing.__class__, '__bases__')

    def visit(thing, function, *rest):
        return function(thing)

    def looks_elsewhere(thing, other=dict):
        return [isinstance(thing, each) for each in type(other).__mro__], len(other.__mro__)

    class Helper:
        def __init__(self, owner):
            self.order = type(owner).mro()

        @staticmethod
        def listed(thing):
            return thing.__class__.__subclasses__()
    """
CLASSES = """
    class Base:
        keys = ['base']
        kind: int = 0

        def f(self):
            return {expression}

        def g(self):
            '''From Base.'''

        def visited(self, function):
            return function(self)

        @classmethod
        def c(cls):
            return {class_expression}

    class Leaf(Base):
        keys = ['leaf']
        kind = 1

        def g(self):
            super().g()
    """
REFUSED = [
    'collect(type(self))', 'collect(self.__class__)', 'collect(Leaf)', 'collect(cls=type(self))', 'through(self)',
    'through(None, kind=self.__class__)', 'through(*[self])', 'second(*[None], type(self))',
    'type(*[self]).mro()', 'collect(kind_of(self))', 'own(type(self))', 'asks(self)',
    'Helper(self).order', 'Helper.listed(self)', 'partial(collect, type(self))()', 'order(type(self))',
    'inspect.getmro(type(self))', 'inspect.getdoc(type(self))', 'inspect.getdoc(self.g)', 'inspect.getmembers(self)',
    'typing.get_type_hints(type(self))', 'list(map(collect, [type(self)]))',
    '(lambda thing: thing.__mro__)(type(self))',
    'vars(type(self))', 'dir(self)', 'inspect.classify_class_attrs(type(self))',
    "operator.attrgetter('__mro__')(type(self))",
    "getattr(type(self), '__dict__')", 'type(self).mro()',
    'visit(self, through)', 'visit(self, lambda each: each.__class__.__mro__)', 'visit(type(self), collect)',
    'self.visited(through)', 'self.visited(lambda each: collect(each.__class__))',
    "getattr(type(self), 'mro')()", 'collect([x for x in [type(self)]][0])',
]  # fmt: skip
FLATTENED = [
    'looks_elsewhere(self)', 'collect(dict)', 'isinstance(self, dict)', 'repr(type(self).__name__)',
    'inspect.signature(self.c)',
    'kind_of(self).keys', 'inspect.getattr_static(self, "keys")', 'getattr(type(self), "keys")', 'vars(self)',
    'own(dict)', 'visit(self, looks_elsewhere)', 'self.visited(looks_elsewhere)',
]  # fmt: skip


def flattened(make: Callable[[str, str], ModuleType], expression: str, class_expression: str) -> StandaloneClass:
    classes = textwrap.dedent(CLASSES).format(expression=expression, class_expression=class_expression)
    module = make('looked_at', textwrap.dedent(HELPERS) + classes)
    result = flatten_class(module.Leaf)
    if result.merged:
        assert not result.diagnostics
    return result


@pytest.mark.parametrize('expression', REFUSED)
def test_is_kept(make: Callable[[str, str], ModuleType], expression: str) -> None:
    result = flattened(make, expression, 'None')
    assert not result.merged, result.text
    assert {each.code for each in result.diagnostics} == {'IE-LIN-INTROSPECTION'}
    assert all('looked_at.py:' in each.where or 'inspect.py' in each.where for each in result.diagnostics)


CLASS_REFUSED = ['collect(cls)', 'through(None, kind=cls)', 'order(cls)', 'partial(collect, cls)()']


@pytest.mark.parametrize('expression', CLASS_REFUSED)
def test_a_class_method_hands_its_class_on(make: Callable[[str, str], ModuleType], expression: str) -> None:
    assert not flattened(make, 'None', expression).merged


@pytest.mark.parametrize('expression', FLATTENED)
def test_is_flattened(make: Callable[[str, str], ModuleType], run: Callable[..., Any], expression: str) -> None:
    result = flattened(make, expression, 'None')
    assert result.merged, result.diagnostics
    assert run(result)().f() == sys.modules['looked_at'].Leaf().f()


def test_the_looking_line_is_named(make: Callable[[str, str], ModuleType]) -> None:
    (diagnostic,) = flattened(make, 'through(self)', 'None').diagnostics
    assert diagnostic.message == 'Base.f shows which class has what (__mro__)'
    assert diagnostic.where.endswith('looked_at.py:7')


def test_names_may_be_listed_where_there_are_no_new_ones(
    make: Callable[[str, str], ModuleType], run: Callable[..., Any]
) -> None:
    text = """
        class Base:
            def test_a(self):
                return 'a'

            def names(self):
                return [name for name in dir(self) if name.startswith('test_')]

        class Leaf(Base):
            def test_b(self):
                return 'b'
        """
    module = make('lists', textwrap.dedent(text))
    result = flatten_class(module.Leaf)
    assert result.merged
    assert run(result)().names() == module.Leaf().names() == ['test_a', 'test_b']


def test_a_class_kept_in_an_attribute_is_followed(make: Callable[[str, str], ModuleType]) -> None:
    text = """
        def collect(cls):
            return cls.__mro__

        class Base:
            def __init__(self):
                self.kind = type(self)

            def f(self):
                return collect(self.kind)

        class Leaf(Base):
            pass
        """
    assert not flatten_class(make('keeps', textwrap.dedent(text)).Leaf).merged


def test_a_library_base_that_looks_keeps_the_chain(make: Callable[[str, str], ModuleType]) -> None:
    library = """
        class Base:
            def defaults(self):
                return merged(type(self))

        def merged(cls):
            return [each.__dict__.get('x') for each in cls.__mro__]
        """
    make('a_library', textwrap.dedent(library))
    text = 'import a_library\n\nclass Parent(a_library.Base):\n    x = 1\n\nclass Leaf(Parent):\n    x = 2\n'
    result = flatten_class(make('own_classes', text).Leaf)
    assert not result.merged
    assert [(each.code, each.where.rpartition('/')[2]) for each in result.diagnostics] == [
        ('IE-LIN-INTROSPECTION', 'a_library.py:7')
    ]


def test_a_decorator_that_looks_keeps_the_chain(make: Callable[[str, str], ModuleType]) -> None:
    text = """
        def order(cls):
            cls.order = names(cls)
            return cls

        def names(cls):
            return [each.__name__ for each in cls.__mro__]

        class Parent:
            x = 1

        @order
        class Leaf(Parent):
            y = 2
        """
    assert not flatten_class(make('decorated', textwrap.dedent(text)).Leaf).merged


ABOVE = """
    def above(cls, thing):
        return super(cls, thing)

    class Far:
        def g(self):
            return 'far'

        def f(self):
            return {expression}
    """
BELOW = """
    from super_library import Far, above

    class Parent(Far):
        {method}

    class Leaf(Parent):
        def g(self):
            return 'leaf'

        def own(self):
            return {own}
    """
STARTS = ['super(type(self), self).g()', 'super(self.__class__, self).g()', 'above(type(self), self).g()',
          "getattr(super(type(self), self), 'g')()"]  # fmt: skip


@pytest.mark.parametrize('expression', STARTS)
def test_a_library_base_that_starts_super_at_the_class_keeps_the_chain(
    make: Callable[[str, str], ModuleType], expression: str
) -> None:
    make('super_library', textwrap.dedent(ABOVE).format(expression=expression))
    method = "def g(self): return 'parent'"
    module = make('super_classes', textwrap.dedent(BELOW).format(method=method, own='None'))
    assert module.Leaf().f() == 'parent'
    result = flatten_class(module.Leaf)
    assert not result.merged
    assert {each.code for each in result.diagnostics} == {'IE-LIN-DYNAMIC-SUPER'}
    assert all('super_library.py:' in each.where for each in result.diagnostics)


def test_a_library_function_that_starts_super_at_the_class_keeps_the_chain(
    make: Callable[[str, str], ModuleType],
) -> None:
    make('super_library', textwrap.dedent(ABOVE).format(expression='None'))
    method = "def g(self): return 'parent'"
    module = make('super_classes', textwrap.dedent(BELOW).format(method=method, own='above(type(self), self).g()'))
    assert not flatten_class(module.Leaf).merged


def test_super_that_finds_no_merged_class_changes_nothing(
    make: Callable[[str, str], ModuleType], run: Callable[..., Any]
) -> None:
    make('super_library', textwrap.dedent(ABOVE).format(expression=STARTS[0]))
    module = make('super_classes', textwrap.dedent(BELOW).format(method='x = 1', own='super(Leaf, self).g()'))
    result = flatten_class(module.Leaf)
    assert result.merged
    assert run(result)().f() == module.Leaf().f() == 'far'
    assert run(result)().own() == module.Leaf().own() == 'far'
