"""super() of three levels: each next definition is kept once, under its owner's name."""


class Root:
    def __init__(self, x):
        self.x = x

    # what nothing calls goes away
    def unused(self):
        return 'root'


class Middle(Root):
    """Not the leaf's docstring."""

    def __init__(self, x, y=0):  # a comment at the end
        super(Middle, self).__init__(
            x)
        self.y = y

    def unused(self):
        return 'middle'


class Leaf(Middle):
    """The leaf."""

    def __init__(self, x):
        super().__init__(x, y=1)

    def unused(self):
        return 'leaf'


# output
class Leaf:
    """The leaf."""

    def __init__(self, x):
        self._Middle_init(x, y=1)

    def unused(self):
        return 'leaf'

    # -- from Middle (super_chain.py:13)
    def _Middle_init(self, x, y=0):  # a comment at the end
        self._Root_init(
            x)
        self.y = y

    # -- from Root (super_chain.py:4)
    def _Root_init(self, x):
        self.x = x
