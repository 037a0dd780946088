"""Functions inside of methods, and comprehensions; a nested function's own argument is followed where every call is seen."""


class Parent:
    def f(self, x=0):
        return x

    async def a(self):
        return 1


class Leaf(Parent):
    def f(self, x=0):
        def inner(self):
            return super().f(x)

        return inner(self), (lambda me: super().f(2))(self), [super(Leaf, self).f(i) for i in range(3)]

    async def a(self):
        return await super().a()


# output
class Leaf:
    def f(self, x=0):
        def inner(self):
            return self._Parent_f(x)

        return inner(self), (lambda me: me._Parent_f(2))(self), [self._Parent_f(i) for i in range(3)]

    async def a(self):
        return await self._Parent_a()

    # -- from Parent (nested_functions.py:4)
    def _Parent_f(self, x=0):
        return x

    async def _Parent_a(self):
        return 1
