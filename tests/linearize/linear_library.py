"""What generated classes import, as text: bases, decorators, and what takes down events."""

from __future__ import annotations

LIBRARY_CLASSES = ('Base', 'Quiet', 'Coop', 'Switched')
LIBRARY_NAMES = (*LIBRARY_CLASSES, 'Meta', 'trace', 'named', 'told', 'watched', 'walked', 'seen_of_caller', 'first_hit',
                 'Generic', 'Protocol', 'T')  # fmt: skip

LIBRARY = '''
"""What the generated classes see as libraries."""
import functools
import inspect
import re
import sys
from typing import Generic, Protocol, TypeVar

T = TypeVar('T')
EVENTS = []
LIMIT = 120


class OutOfFuel(BaseException):
    pass


def show(value):
    if isinstance(value, str):
        return re.sub(r' at 0x[0-9a-f]+|\\b(hm\\w+\\.)+', '', value)
    if isinstance(value, (int, float, bool, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [show(each) for each in value]
    if isinstance(value, type):
        return value.__name__
    return '<' + type(value).__name__ + '>'


def trace(*values):
    if len(EVENTS) >= LIMIT:
        raise OutOfFuel()
    EVENTS.append(show(values))
    return values[-1]


def walked(cls):
    """Whoever is handed a class may walk its ancestors."""
    return [each.__name__ for each in cls.__mro__]


def seen_of_caller():
    return sorted(sys._getframe(1).f_locals)


def first_hit(thing, name):
    return inspect.getattr_static(type(thing), name, None)


class Watched:
    def __enter__(self):
        trace('entered')

    def __exit__(self, kind, error, where):
        trace('left', kind)
        return kind is not OutOfFuel


watched = Watched()


def named(function):
    """A decorator that looks at the name of what it decorates."""
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        trace('named', function.__name__)
        return function(*args, **kwargs)
    return wrapper


class Base:
    attr = 'Base.attr'

    def __init__(self, *args, **kwargs):
        trace('Base.__init__', args, sorted(kwargs))
        self.made = 'Base'

    def f(self, x=0):
        return trace('Base.f', x)

    def _i(self, x=0):
        return trace('Base._i', x)

    @property
    def p(self):
        return trace('Base.p')

    @p.setter
    def p(self, value):
        trace('Base.p=', value)

    @classmethod
    def c(cls, x=0):
        return trace('Base.c', cls, x)

    @staticmethod
    def s(x=0):
        return trace('Base.s', x)


class Quiet:
    data = 'Quiet.data'

    def h(self, x=0):
        return trace('Quiet.h', x)

    def r(self):
        trace('Quiet.r')


class Switched:
    switch = False

    def r(self):
        trace('Switched.r')
        super().r()

    def g(self, x=0):
        trace('Switched.g', x)
        if self.switch:
            super().g(x)
        return x


class Meta(type):
    def __init__(cls, *args):
        cls.table = [cls.__name__, len(cls.kinds)]
        super().__init__(*args)


class told:
    """A decorator that is told the name of what it decorates, and lists it."""

    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = name
        if not hasattr(owner, 'names'):
            owner.names = []
        owner.names.append(name)

    def __get__(self, instance, owner=None):
        return lambda x=0: trace('told', self.name, self.function(instance, x))


class Coop:
    def f(self, x=0):
        trace('Coop.f', x)
        return super().f(x)

    def g(self, x=0):
        return trace('Coop.g', x)
'''
