"""What a class body computes from its own and from its parent's members."""


class Parent:
    sizes = [1, 2]
    count = len(sizes)

    def _impl(self):
        return 'parent'

    run = _impl


class Leaf(Parent):
    sizes = Parent.sizes + [3]
    total: int = sum(x for x in sizes)

    def _impl(self):
        return 'leaf'


# output
class Leaf:
    # -- from Parent (class_level.py:4)
    _Parent_sizes = [1, 2]
    count = len(_Parent_sizes)

    def _Parent_impl(self):
        return 'parent'

    run = _Parent_impl

    # -- of Leaf itself
    sizes = _Parent_sizes + [3]
    total: int = sum(x for x in sizes)

    def _impl(self):
        return 'leaf'
