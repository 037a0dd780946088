"""A call for its effect: the body stands in its place, with its comments; what it returns is dropped."""

SIZE = 2


class Root:
    def __init__(self, x, y=SIZE):
        self.x = x

    def f(self, a, b=3):
        """Not written out."""
        # about the first line
        self.a = a

        if b > 2:  # a comment at its end
            self.b = [
                b,
                """a text
    of two lines""",
            ]
        return self


class Middle(Root):
    def __init__(self, x, z):
        # z comes first
        self.z = z
        super().__init__(x, y=z)


class Leaf(Middle):
    def __init__(self, x):
        super().__init__(x, [
            1, 2,
        ])
        self.done = True

    def f(self, a):
        if a:
            super().f(a)
        return self.a


# output
class Leaf:
    def __init__(self, x):
        # from Middle.__init__ (inlined_statement.py:25)
        z = ([
            1, 2,
        ])
        # z comes first
        self.z = z
        # from Root.__init__ (inlined_statement.py:7)
        y = z
        self.x = x
        self.done = True

    def f(self, a):
        if a:
            # from Root.f (inlined_statement.py:10)
            b = 3
            # about the first line
            self.a = a

            if b > 2:  # a comment at its end
                self.b = [
                    b,
                    """a text
    of two lines""",
                ]
        return self.a
