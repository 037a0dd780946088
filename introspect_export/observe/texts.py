"""The source text of loaded modules."""

from __future__ import annotations

import functools
import inspect
import sys
from types import ModuleType
from typing import Any

from introspect_export.observe.raw import is_a


def source_file(module: str) -> str | None:
    """The file of a loaded module's source text, or None."""
    loaded: Any = sys.modules.get(module)
    if not is_a(loaded, ModuleType):
        return None
    try:
        return inspect.getsourcefile(loaded)
    except TypeError:  # A built-in module.
        return None


@functools.lru_cache(maxsize=4096)
def source_text(module: str) -> str | None:
    """The source text of a loaded module, or None."""
    file = source_file(module)
    if file is None:
        return None
    try:
        with open(file, encoding='utf-8', errors='replace') as stream:
            return stream.read()
    except OSError:
        return None
