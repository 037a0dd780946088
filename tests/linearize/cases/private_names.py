"""Private names keep the owner's mangling, written out."""


class _Parent:
    __limit = 3

    def __init__(self):
        self.__value = self.__limit

    def __helper(self, __x=1):
        return f'{self.__value}{__x}'

    def show(self):
        return self.__helper()


class Leaf(_Parent):
    def __init__(self):
        super().__init__()
        self.__value = 5


# output
class Leaf:
    def __init__(self):
        self._Parent_init()
        self.__value = 5

    # -- from _Parent (private_names.py:4)
    _Parent__limit = 3

    def _Parent_init(self):
        self._Parent__value = self._Parent__limit

    def _Parent__helper(self, _Parent__x=1):
        return f'{self._Parent__value}{_Parent__x}'

    def show(self):
        return self._Parent__helper()
