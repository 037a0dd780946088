"""super() that finds what the flattened class itself has: a second name, so that subclasses may override the first."""


class Parent:
    def f(self):
        return 'f'

    @property
    def p(self):
        return 1

    @p.setter
    def p(self, value):
        self.v = value


class Leaf(Parent):
    def g(self):
        return super().f(), super().p, Parent.f(self)


# output
class Leaf:
    def g(self):
        return self._Parent_f(), self._Parent_p, self._Parent_f()

    # -- from Parent (winner_by_super.py:4)
    def f(self):
        return 'f'
    _Parent_f = f

    @property
    def p(self):
        return 1

    @p.setter
    def p(self, value):
        self.v = value
    _Parent_p = p
