"""Import of the package ``tiny_data`` by its folder, since the program that contains it is blocked here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_NAME = 'tiny_data'


def maker(folder: Path) -> ModuleType:
    """Import the package, once.

    Args:
        folder: The folder of the package.

    Raises:
        ImportError: The folder is no package.
    """
    if _NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            _NAME, folder / '__init__.py', submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f'{folder} is no package')
        sys.modules[_NAME] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[_NAME]
