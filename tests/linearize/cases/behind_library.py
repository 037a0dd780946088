"""A parent's super that skips a library class in front starts at that class, unless a local name hides it."""

from logging import Filter, Filterer


class Parent:
    def filter(self, record):
        return super().filter(record)

    def later(self, record):
        return [super(Parent, self).filter(each) for each in (record,)], getattr(super(), 'filter')(record)

    def shown(self, record):
        return f'{super().filter(record)=}'


class Leaf(Filterer, Parent, Filter):
    def all(self, record):
        return Parent.filter(self, record), self.later(record), self.shown(record)


# output
class Leaf(Filterer, Filter):
    def all(self, record):
        return self._Parent_filter(record), self.later(record), self.shown(record)

    # -- from Parent (behind_library.py:6)
    def _Parent_filter(self, record):
        return super(Filterer, self).filter(record)

    def later(self, record):
        return [super(Filterer, self).filter(each) for each in (record,)], getattr(super(Filterer, self), 'filter')(record)

    def shown(self, record):
        return f'super().filter(record)={super(Filterer, self).filter(record)!r}'
