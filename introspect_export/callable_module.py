"""Packages that are also functions.

``introspect_export.verify`` is a package of this program and, for its users, a function. Importing anything from the
package binds it to that name (https://docs.python.org/3/reference/import.html#submodules), so the package itself is
callable (https://docs.python.org/3/reference/datamodel.html#customizing-module-attribute-access).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def make_callable(module: str, function: Callable[..., Any]) -> None:
    """Make a loaded module callable.

    Args:
        module: Its name.
        function: The function to call.
    """

    class Callable_(ModuleType):
        __doc__ = function.__doc__

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Call the function."""
            return function(*args, **kwargs)

    sys.modules[module].__class__ = Callable_
