"""Properties: getters and setters of parents, also when a class body extends one."""


class Parent:
    @property
    def p(self):
        return 1

    @p.setter
    def p(self, value):
        self.v = value

    @property
    def q(self):
        return 2


class Leaf(Parent):
    @Parent.p.setter
    def p(self, value):
        super(Leaf, type(self)).p.fset(self, value)
        Parent.p.fset(self, value + 1)

    @property
    def q(self):
        return super().q + Parent.q.fget(self)


# output
class Leaf:
    # -- from Parent (property_chain.py:4)
    @property
    def _Parent_p(self):
        return 1

    @_Parent_p.setter
    def _Parent_p(self, value):
        self.v = value

    @property
    def _Parent_q(self):
        return 2

    # -- of Leaf itself
    @_Parent_p.setter
    def p(self, value):
        type(self)._Parent_p.fset(self, value)
        __class__._Parent_p.fset(self, value + 1)

    @property
    def q(self):
        return self._Parent_q + __class__._Parent_q.fget(self)
