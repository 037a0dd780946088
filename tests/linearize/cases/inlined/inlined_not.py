"""Calls that stay: two callers, a loop, a name of both, an early return, a variable looked at later."""


class Root:
    def twice(self):
        self.n = 1

    def loop(self, x):
        self.n = x

    def names(self, x):
        y = x + 1
        self.n = y

    def early(self, x):
        if x:
            return 1
        return 2

    def later(self, x):
        x = x + 1
        self.n = x

    def star(self, *args):
        self.n = args

    def closed(self, x):
        self.n = lambda: x

    def late(self, x):
        x = [x]
        self.n = x

    def nothing(self):
        self.n = 0

    def default(self, x=[]):
        self.n = x


class Leaf(Root):
    def twice(self):
        super().twice()

    def again(self):
        super().twice()

    def loop(self, x):
        for each in x:
            super().loop(each)

    def names(self, x):
        y = 2
        super().names(y)

    def early(self, x):
        return super().early(x)

    def later(self, x):
        super().later(x)
        return x

    def star(self, x):
        super().star(x)

    def closed(self, x):
        super().closed(x)

    def late(self, x):
        try:
            return super().late(x)
        finally:
            print(x)

    def nothing(self):
        y = super().nothing()
        return y

    def default(self):
        super().default()


# output
class Leaf:
    def twice(self):
        self._Root_twice()

    def again(self):
        self._Root_twice()

    def loop(self, x):
        for each in x:
            self._Root_loop(each)

    def names(self, x):
        y = 2
        self._Root_names(y)

    def early(self, x):
        return self._Root_early(x)

    def later(self, x):
        self._Root_later(x)
        return x

    def star(self, x):
        self._Root_star(x)

    def closed(self, x):
        self._Root_closed(x)

    def late(self, x):
        try:
            return self._Root_late(x)
        finally:
            print(x)

    def nothing(self):
        y = self._Root_nothing()
        return y

    def default(self):
        self._Root_default()

    # -- from Root (inlined_not.py:4)
    def _Root_twice(self):
        self.n = 1

    def _Root_loop(self, x):
        self.n = x

    def _Root_names(self, x):
        y = x + 1
        self.n = y

    def _Root_early(self, x):
        if x:
            return 1
        return 2

    def _Root_later(self, x):
        x = x + 1
        self.n = x

    def _Root_star(self, *args):
        self.n = args

    def _Root_closed(self, x):
        self.n = lambda: x

    def _Root_late(self, x):
        x = [x]
        self.n = x

    def _Root_nothing(self):
        self.n = 0

    def _Root_default(self, x=[]):
        self.n = x
