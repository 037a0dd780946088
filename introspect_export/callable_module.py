"""Callable packages.

``introspect_export.verify`` is both a package and a public function. Importing a submodule binds the package to that
attribute of its parent (https://docs.python.org/3/reference/import.html#submodules), which would replace a function
bound there, so the package itself is made callable
(https://docs.python.org/3/reference/datamodel.html#customizing-module-attribute-access).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def make_callable(module: str, function: Callable[..., Any]) -> None:
    """Make a loaded module callable.

    Args:
        module: The module's name in ``sys.modules``.
        function: The function that a call of the module calls.
    """

    class Callable_(ModuleType):
        __doc__ = function.__doc__

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Call the function that the module stands for."""
            return function(*args, **kwargs)

    sys.modules[module].__class__ = Callable_
