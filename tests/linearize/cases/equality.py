"""A class with __eq__ and without __hash__ has __hash__ = None; the parent's __hash__ must not come back."""


class Root:
    def __hash__(self):
        return 1


class Middle(Root):
    def __eq__(self, other):
        return True


class Leaf(Middle):
    pass


# output
class Leaf:
    # -- from Middle (equality.py:9)
    def __eq__(self, other):
        return True
