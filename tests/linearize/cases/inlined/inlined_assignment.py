"""``y = super().f()``, three levels deep, and a parent's name instead of super()."""

import math


class Root:
    def f(self, x):
        area = math.pi * x
        return area

    def setup(self):
        self.table = {}


class Middle(Root):
    def f(self, x):
        self.seen = x
        return super().f(x)

    def setup(self):
        super().setup()
        self.ready = True


class Leaf(Middle):
    def f(self, x):
        with open('/dev/null') as _:
            y = Middle.f(self, x)
        return -y

    def setup(self):
        super().setup()


# output
class Leaf:
    def f(self, x):
        with open('/dev/null') as _:
            # from Middle.f (inlined_assignment.py:16)
            self.seen = x
            # from Root.f (inlined_assignment.py:7)
            area = math.pi * x
            y = area
        return -y

    def setup(self):
        # from Middle.setup (inlined_assignment.py:20)
        # from Root.setup (inlined_assignment.py:11)
        self.table = {}
        self.ready = True
