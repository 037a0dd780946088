"""A class body that names a class before it in the MRO, without deriving from it: the name stays."""


class Misc:
    def location(self):
        return 1

    def size(self):
        return 2


class Grid:
    place = location = Misc.location


class Leaf(Misc, Grid):
    pass


# output
class Leaf:
    # -- from Misc (class_level_sideways.py:4)
    def location(self):
        return 1

    def size(self):
        return 2

    # -- from Grid (class_level_sideways.py:12)
    place = _Grid_location = Misc.location
