"""A class without an ancestor in sight stays as it is."""

from collections import OrderedDict


class Leaf(OrderedDict):
    def __init__(self):
        super().__init__()

    def get(self, key):
        return f'{super(Leaf, self).get(key)}'


# output
class Leaf(OrderedDict):
    def __init__(self):
        super().__init__()

    def get(self, key):
        return f'{super(Leaf, self).get(key)}'
