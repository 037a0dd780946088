"""A kept abstract method is abstract no more: it would keep the class from being used."""

import abc
from abc import abstractmethod


class Parent(metaclass=abc.ABCMeta):
    @abstractmethod
    def f(self):
        """Do."""
        return 1

    @property
    @abc.abstractmethod
    def p(self):
        return 1


class Leaf(Parent):
    def f(self):
        return super().f()

    @property
    def p(self):
        return super().p


# output
class Leaf(metaclass=abc.ABCMeta):
    def f(self):
        return self._Parent_f()

    @property
    def p(self):
        return self._Parent_p

    # -- from Parent (abstract.py:7)
    def _Parent_f(self):
        """Do."""
        return 1

    @property
    def _Parent_p(self):
        return 1
