"""A library class in front has the name: the parent's definition is only reached by super, and must not hide it."""

from collections import UserDict


def lazy(function):
    key = '_lazy_' + function.__name__
    return lambda self: self.__dict__.setdefault(key, function(self))


class Parent:
    @lazy
    def copy(self):
        return 1

    def pop(self):
        return 2


class Child(Parent):
    def both(self):
        return super().copy(), Parent.pop(self)


class Leaf(UserDict, Child):
    pass


# output
class Leaf(UserDict):
    # -- from Parent (hidden_by_library.py:11)
    @lazy
    def copy(self):
        return 1
    _Parent_copy = copy
    del copy

    def _Parent_pop(self):
        return 2

    # -- from Child (hidden_by_library.py:20)
    def both(self):
        return self._Parent_copy(), self._Parent_pop()
