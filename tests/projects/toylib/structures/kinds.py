# Copyright (c) the toylib authors.
from .base import BaseBoxes

kinds: dict = {}


def register_box(name):
    """Register a kind of boxes."""

    def _register(cls):
        assert issubclass(cls, BaseBoxes)
        kinds[name] = cls
        return cls

    return _register


def get_box(name):
    return kinds[name]


def as_list(boxes):
    return boxes.data.flatten().tolist()
