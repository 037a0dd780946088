"""Where attribute lookup is overridden, parents' members are reached without it."""


class Parent:
    @property
    def p(self):
        return self.missing

    def f(self):
        return 1


class Leaf(Parent):
    def __getattr__(self, name):
        return 'got ' + name

    @property
    def p(self):
        return super().p

    def f(self):
        return super().f()


class Hooked(Leaf):
    def __getattribute__(self, name):
        return super().__getattribute__(name)

    def f(self):
        return super().f()


# output
class Hooked:
    def __getattribute__(self, name):
        return super().__getattribute__(name)

    def f(self):
        return __class__._Leaf_f.__get__(self)()

    # -- from Leaf (attribute_hooks.py:13)
    def __getattr__(self, name):
        return 'got ' + name

    @property
    def p(self):
        return __class__._Parent_p.__get__(self)

    def _Leaf_f(self):
        return __class__._Parent_f.__get__(self)()

    # -- from Parent (attribute_hooks.py:4)
    @property
    def _Parent_p(self):
        return self.missing

    def _Parent_f(self):
        return 1
