"""A global that bodies on both sides read stands in front of the class in between that has a member of its name."""

size = 1


class Grand:
    above = size


class Parent(Grand):
    size = 5


class Leaf(Parent):
    """A leaf."""

    below = size


# output
class Leaf:
    """A leaf."""

    # -- from Grand (captured_in_between.py:6)
    above = size

    # -- of Leaf itself
    below = size

    # -- from Parent (captured_in_between.py:10)
    size = 5
