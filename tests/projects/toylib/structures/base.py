# Copyright (c) the toylib authors.
from abc import ABCMeta


class BaseBoxes(metaclass=ABCMeta):
    """Boxes of any kind."""

    def __init__(self, data):
        self.data = data

    def to_kind(self, kind):
        from .kinds import get_box

        return get_box(kind)(self.data)
