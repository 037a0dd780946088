"""__getattr__ runs where a getter raises AttributeError, and not for super(): a property is reached without the hook."""


class Root:
    @property
    def p(self):
        return self.missing.p

    def f(self):
        return 1

    x = 1


class Leaf(Root):
    def __getattr__(self, name):
        return name

    @property
    def p(self):
        return super().p

    def f(self):
        return super().f()

    x = 2

    def g(self):
        return super().x


# output
class Leaf:
    def __getattr__(self, name):
        return name

    @property
    def p(self):
        return __class__._Root_p.__get__(self)

    def f(self):
        return self._Root_f()

    x = 2

    def g(self):
        return self._Root_x

    # -- from Root (getattr_hook.py:4)
    @property
    def _Root_p(self):
        return self.missing.p

    def _Root_f(self):
        return 1

    _Root_x = 1
