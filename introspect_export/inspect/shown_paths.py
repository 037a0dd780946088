"""Short names of files: relative to the working folder or a folder of packages, or as ``repo::config``."""

from __future__ import annotations

import functools
import os
import sys

from introspect_export.load.config_location import owning_package
from introspect_export.model import Place, Symbol


@functools.lru_cache(maxsize=4096)
def shown_file(file: str) -> str:
    """A short name of a file, independent of the folder in which packages are installed."""
    from pathlib import Path

    path = os.path.abspath(file) if os.path.isabs(file) else file
    package = owning_package(Path(path)) if f'{os.sep}.mim{os.sep}configs{os.sep}' in path else ''
    if package:
        return f'{package}::{path.partition(f"{os.sep}.mim{os.sep}configs{os.sep}")[2].replace(os.sep, "/")}'
    roots = [os.path.abspath(one) for one in sys.path if one]
    found = [os.path.relpath(path, root) for root in (*roots, os.getcwd()) if path.startswith(root + os.sep)]
    return min(found, key=len, default=path).replace(os.sep, '/')


def shown(place: Place | None) -> str:
    """A place with the short name of its file."""
    if place is None:
        return ''
    return f'{shown_file(place.file)}:{place.line}' if place.line else shown_file(place.file)


def short_function(symbol: Symbol) -> str:
    """A function with its top-level package: ``mmdet TwoStageDetector.__init__``."""
    return f'{symbol.module.partition(".")[0]} {symbol.qualname or symbol.module}'
