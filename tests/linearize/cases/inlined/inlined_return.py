"""``return super().f()``: the variable that is handed on may change, since nothing looks at it afterwards."""


class Root:
    def f(self, x):
        x = x + 1
        return x * self.size

    def g(self, x):
        self.x = x


class Leaf(Root):
    size = 2

    def f(self, x):
        x = x or 0
        return super().f(x)

    def g(self, x):
        return super().g(x=x)


# output
class Leaf:
    size = 2

    def f(self, x):
        x = x or 0
        # from Root.f (inlined_return.py:5)
        x = x + 1
        return x * self.size

    def g(self, x):
        # from Root.g (inlined_return.py:9)
        self.x = x
        return
