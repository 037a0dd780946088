"""The object that was carried over: ``load()`` makes it from ``carried.pt`` and the code of this package."""

import importlib
import os
import pickle
import sys
from typing import Any

import torch

_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'carried.pt')


class Unpickler(pickle.Unpickler):
    """Finds what belongs to this package relative to it, under whatever name it was imported."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class or function; a module that begins with a dot is one of this package."""
        if not module.startswith('.'):
            return super().find_class(module, name)
        value: Any = importlib.import_module(module, __package__)
        for each in name.split('.'):
            value = getattr(value, each)
        return value


def load(map_location: Any = 'cpu') -> Any:
    """Return the object, with its weights, as it was when it was exported.

    Args:
        map_location: Where its tensors go, as ``torch.load`` takes it.
    """
    # The object is made by the classes of this package: its file holds names of code, as every pickle does.
    return torch.load(_FILE, map_location, pickle_module=sys.modules[__name__], weights_only=False)
