"""The object that was carried over: ``load()`` makes it from ``carried.pt`` and the code of this package."""

import importlib
import io
import os
import pickle
import pkgutil
import sys
import types
from typing import Any

import torch
from torch.nn.utils import parametrize

_NAME = 'carried.pt'


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


def parametrized(base: Any, *names: str) -> Any:
    """Return a class like the one that torch gives a module when it parametrizes it.

    Args:
        base: The class that the module had before.
        names: The tensors that are computed.
    """
    module = object.__new__(base)
    torch.nn.Module.__init__(module)
    for name in names:
        torch.nn.Module.register_parameter(module, name, torch.nn.Parameter(torch.zeros(())))
        parametrize.register_parametrization(module, name, torch.nn.Identity(), unsafe=True)
    return type(module)


def enclosed(outer: Any, names: Any, cells: Any, defaults: Any, keywords: Any) -> Any:
    """Return a function that another one made when it ran.

    Args:
        outer: The function that has its code.
        names: The names on the way from there to it.
        cells: The values of the variables around it.
        defaults: Its defaults.
        keywords: The defaults of its keyword-only parameters.
    """
    code, name = outer.__code__, outer.__qualname__
    for each in names:
        code = next(one for one in code.co_consts if isinstance(one, types.CodeType) and one.co_name == each)
        name = f'{name}.<locals>.{each}'
    function = types.FunctionType(code, outer.__globals__, None, defaults, tuple(map(types.CellType, cells)))
    function.__kwdefaults__, function.__qualname__ = keywords, name
    return function


def load(map_location: Any = 'cpu') -> Any:
    """Return the object, with its weights, as it was when it was exported.

    Args:
        map_location: Where its tensors go, as ``torch.load`` takes it.
    """
    file: Any = os.path.join(os.path.dirname(os.path.abspath(__file__)), _NAME)
    if not os.path.isfile(file):  # In a zip, for example; whatever loads the code has it beside that.
        content = pkgutil.get_data(__package__, _NAME)
        file = io.BytesIO(content or b'')
    # The object is made by the classes of this package: its file holds names of code, as every pickle does.
    return torch.load(file, map_location, pickle_module=sys.modules[__name__], weights_only=False)
