"""Several statements that make one member move together."""

from typing import overload


class Parent:
    @overload
    def f(self, x: int) -> int: ...
    @overload
    def f(self, x: str) -> str: ...
    def f(self, x):
        return x

    if True:
        def g(self):
            return 1
    else:
        g = None


class Leaf(Parent):
    def f(self, x):
        return super().f(x)

    def g(self):
        return super().g()


# output
class Leaf:
    def f(self, x):
        return self._Parent_f(x)

    def g(self):
        return self._Parent_g()

    # -- from Parent (overloads.py:6)
    @overload
    def _Parent_f(self, x: int) -> int: ...
    @overload
    def _Parent_f(self, x: str) -> str: ...
    def _Parent_f(self, x):
        return x

    if True:
        def _Parent_g(self):
            return 1
    else:
        _Parent_g = None
