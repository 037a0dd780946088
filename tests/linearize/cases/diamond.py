"""The next class is that of the leaf's own order, not of the parent's."""


class Root:
    def f(self):
        return ['Root']


class Left(Root):
    def f(self):
        return ['Left', *super().f()]


class Right(Root):
    def f(self):
        return ['Right', *super().f()]


class Leaf(Left, Right):
    def f(self):
        return ['Leaf', *super().f(), *Left.f(self), *super(Left, self).f()]


# output
class Leaf:
    def f(self):
        return ['Leaf', *self._Left_f(), *self._Left_f(), *self._Right_f()]

    # -- from Left (diamond.py:9)
    def _Left_f(self):
        return ['Left', *self._Right_f()]

    # -- from Right (diamond.py:14)
    def _Right_f(self):
        return ['Right', *self._Root_f()]

    # -- from Root (diamond.py:4)
    def _Root_f(self):
        return ['Root']
