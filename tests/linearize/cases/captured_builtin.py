"""A method called list must not be what another class body's annotation means: the order is turned round."""


class Parent:
    def names(self, of: list[int]) -> list:
        return list(of)


class Leaf(Parent):
    def list(self):
        return [1]


# output
class Leaf:
    # -- from Parent (captured_builtin.py:4)
    def names(self, of: list[int]) -> list:
        return list(of)

    # -- of Leaf itself
    def list(self):
        return [1]
