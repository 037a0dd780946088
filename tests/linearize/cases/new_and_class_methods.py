"""__new__ is a static method without being declared; class methods are bound to the class at hand."""


class Parent:
    def __new__(cls, *args):
        return super().__new__(cls)

    def __class_getitem__(cls, item):
        return cls, item

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def twice(x):
        return 2 * x


class Leaf(Parent):
    def __new__(cls, *args):
        self = super().__new__(cls, *args)
        return self

    def __class_getitem__(cls, item):
        return super().__class_getitem__(item)

    @classmethod
    def make(cls):
        return super().make(), Parent.make()

    @staticmethod
    def twice(x):
        return Parent.twice(x) + 1


# output
class Leaf:
    def __new__(cls, *args):
        self = cls._Parent_new(cls, *args)
        return self

    def __class_getitem__(cls, item):
        return cls._Parent_class_getitem(item)

    @classmethod
    def make(cls):
        return cls._Parent_make(), Parent.make()

    @staticmethod
    def twice(x):
        return __class__._Parent_twice(x) + 1

    # -- from Parent (new_and_class_methods.py:4)
    @staticmethod
    def _Parent_new(cls, *args):
        return super().__new__(cls)

    @classmethod
    def _Parent_class_getitem(cls, item):
        return cls, item

    @classmethod
    def _Parent_make(cls):
        return cls()

    @staticmethod
    def _Parent_twice(x):
        return 2 * x
