"""What shows where a function was defined: decorated ones, lambdas and class methods keep their qualified name too."""

import functools


def counted(function):
    @functools.wraps(function)
    def count(self):
        return function(self)

    return count


class Parent:
    @counted
    def f(self):
        return self.f.__qualname__, str(self.g), f'{type(self).h}'

    g = lambda self: 1

    @classmethod
    def h(cls):
        return cls.h.__qualname__


class Leaf(Parent):
    pass


# output
class Leaf:
    # -- from Parent (shown_names.py:14)
    @counted
    def f(self):
        return self.f.__qualname__, str(self.g), f'{type(self).h}'
    f.__qualname__ = 'Parent.f'

    g = lambda self: 1
    g.__qualname__ = 'Parent.<lambda>'

    @classmethod
    def h(cls):
        return cls.h.__qualname__
    h.__func__.__qualname__ = 'Parent.h'
