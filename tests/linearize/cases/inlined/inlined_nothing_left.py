"""What only returns a value leaves ``pass`` where nothing else is left."""


class Root:
    def f(self):
        return None

    def g(self, x):
        print(x)
        return x

    def h(self, x):
        return len(x)


class Leaf(Root):
    def f(self):
        super().f()

    def g(self, x):
        super().g(x)

    def h(self, x):
        super().h(x)


# output
class Leaf:
    def f(self):
        # from Root.f (inlined_nothing_left.py:5)
        pass

    def g(self, x):
        # from Root.g (inlined_nothing_left.py:8)
        print(x)

    def h(self, x):
        # from Root.h (inlined_nothing_left.py:12)
        len(x)
