"""The metaclass of a merged parent is written in the leaf's header."""

from abc import ABCMeta


class Parent(object, metaclass=ABCMeta):
    pass


class Leaf(Parent):
    x = 1


# output
class Leaf(metaclass=ABCMeta):
    x = 1
