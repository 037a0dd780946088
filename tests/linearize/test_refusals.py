"""Every refusal, with the smallest class that earns it; none of these may be flattened."""

from __future__ import annotations

import textwrap

import pytest
from test_form import flattened

REFUSED = {
    'IE-LIN-SUPER': """
        class Parent:
            def f(self):
                return 1

        class Leaf(Parent):
            def f(self):
                parent = super()
                return parent.f()
        """,
    'IE-LIN-DYNAMIC-SUPER': """
        class Parent:
            def f(self):
                return 1

        class Leaf(Parent):
            def f(self):
                return super(self.kind, self).f()
        """,
    'IE-LIN-CLASS-CELL': """
        class Parent:
            def f(self):
                return __class__

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-CLASS-STATE': """
        class Parent:
            count = 0

            def __init__(self):
                Parent.count += 1

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-CLASS-SCOPE': """
        class Parent:
            name = __module__

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-CLASS-EFFECT': """
        seen = []

        class Parent:
            seen.append(1)

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-INTROSPECTION': """
        class Parent:
            def f(self):
                return [each.__name__ for each in type(self).__mro__]

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-CAPTURE': """
        from abc import ABC

        size = 1

        class Parent:
            size = 2
            width = size

        class Leaf(Parent):
            both = Parent.width + size
        """,
    'IE-LIN-ENUM': """
        import enum

        class Parent(enum.Enum):
            def f(self):
                return 1

        class Leaf(Parent):
            A = 1
        """,
    'IE-LIN-INIT-SUBCLASS': """
        class Parent:
            known = []

            def __init_subclass__(cls):
                cls.known.append(cls)

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-KEYWORDS': """
        class Root:
            def __init_subclass__(cls, x=0, **kwargs):
                cls.x = x

        class Parent(Root, x=1):
            pass

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-METACLASS': """
        class Meta(type):
            def __init__(cls, name, bases, namespace):
                cls.made = name

        class Parent(metaclass=Meta):
            pass

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-SLOTS': """
        class Parent:
            __slots__ = ('x',)

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-DESCRIPTOR': """
        class Field:
            def __set_name__(self, owner, name):
                self.owner = owner

        class Parent:
            x = Field()

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-ADDED-MEMBER': """
        class Parent:
            pass

        Parent.x = 1

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-PATCHED': """
        class Parent:
            def f(self):
                return 1

        def other(self):
            return 2

        Parent.f = other

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-DATACLASS': """
        from dataclasses import dataclass

        @dataclass
        class Parent:
            x: int = 1

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-GENERIC': """
        from typing import Generic, TypeVar

        T = TypeVar('T')

        class Parent(Generic[T]):
            def f(self):
                return type(self).__orig_bases__

        class Leaf(Parent[int]):
            pass
        """,
    'IE-LIN-LIBRARY-FIRST': """
        from socketserver import ThreadingMixIn

        class Server:
            def server_close(self):
                self.closed = True

        class Leaf(ThreadingMixIn, Server):
            pass
        """,
    'IE-LIN-LIBRARY-ORDER': """
        from collections import UserDict

        class Mixin:
            def f(self):
                return super().pop

        class Leaf(UserDict, Mixin):
            pass
        """,
    'IE-LIN-PARENT-ACCESS': """
        class Root:
            def f(self):
                return 1

        class Parent(Root):
            def f(self):
                return super().f()

        class Leaf(Parent):
            def f(self, other=None):
                return Parent.f(other)
        """,
    'IE-LIN-NO-SOURCE': """
        Parent = type('Parent', (), {'x': 1})

        class Leaf(Parent):
            pass
        """,
    'IE-LIN-NO-TEXT': """
        class Parent:
            def __eq__(self, other):
                return True

        class Leaf(Parent):
            def __hash__(self):
                return super().__hash__()
        """,
    'IE-LIN-ABSTRACT': """
        from abc import ABC, abstractmethod

        class Parent(ABC):
            @abstractmethod
            def f(self):
                return 1

        class Leaf(Parent):
            def g(self):
                return super().f()
        """,
    'IE-LIN-LOCAL': """
        def make():
            class Parent:
                pass

            class Leaf(Parent):
                pass

            return Leaf

        Leaf = make()
        """,
}


@pytest.mark.parametrize('code', list(REFUSED))
def test_refused(code: str) -> None:
    name = 'refused_' + code[7:].lower().replace('-', '_')
    text = textwrap.dedent(REFUSED[code])
    result = flattened(name, text, f'{name}.py')
    assert result.startswith('# IE-'), result
    assert code in result


def test_a_method_that_another_module_put_on_the_class() -> None:
    text = """
        class Parent:
            x = 1

        class Leaf(Parent):
            y = 2

        globals()['Leaf'].more = print
        setattr(globals()['Leaf'], 'method', lambda self: 1)
        """
    result = flattened('refused_put', textwrap.dedent(text), 'refused_put.py')
    assert 'IE-LIN-PATCHED' in result
    assert 'more was put on the class' in result
