"""Modules that are replaced by others while a config is observed and exported: compiled operators by portable ones.

Which module is replaced by which file is data, a TOML file of the user's or one of ours in ``substitutes/``:

    [modules]
    "library._compiled" = "portable.py"

The replacement is imported under the name of the original, so that all that is observed and read is what the package
will contain, and the package runs the same as what was observed.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from introspect_export.model import ExportError, World
from introspect_export.model.liveset import Broken, LiveSet

_toml = importlib.import_module('tomllib' if sys.version_info >= (3, 11) else 'tomli')
_SHIPPED = Path(__file__).parent / 'substitutes'


def read_substitutions(names: Sequence[str | Path]) -> dict[str, Path]:
    """Read which modules are replaced.

    Args:
        names: TOML files, or names of those that come with the program (``mmcv``); of two that replace one module the
            last is taken.

    Returns:
        By the name of a module, the file that replaces it.

    Raises:
        ExportError: A file is missing or invalid, or has no table ``modules`` of existing Python files.
    """
    found: dict[str, Path] = {}
    for name in names:
        shipped = _SHIPPED / f'{name}.toml'
        file = shipped if not Path(name).suffix and shipped.is_file() else Path(name)
        found.update(_modules(file))
    return found


def _modules(file: Path) -> Iterator[tuple[str, Path]]:
    try:
        content = _toml.loads(file.read_text(encoding='utf-8'))
    except OSError as error:
        shipped = ', '.join(sorted(each.stem for each in _SHIPPED.glob('*.toml')))
        raise ExportError(f'{file}: {error.strerror}; --substitute takes a TOML file or one of: {shipped}') from error
    except ValueError as error:
        raise ExportError(f'{file}: {error}') from error
    modules = content.pop('modules', None)
    if not isinstance(modules, dict) or content:
        raise ExportError(f'{file}: it must consist of a table [modules]: "library.module" = "file.py"')
    for module, name in modules.items():
        replacement = file.parent / str(name)
        if replacement.suffix != '.py' or not replacement.is_file():
            raise ExportError(f'{file}: modules."{module}": {replacement} is no Python file')
        yield module, replacement.resolve()


class _Finder(MetaPathFinder):
    """A finder, the first of ``sys.meta_path``, that finds the replacements."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module that is replaced; an ``__init__.py`` is a package, with the modules beside it in it."""
        file = self._files.get(fullname)
        if file is None:
            return None
        inside = [str(file.parent)] if file.name == '__init__.py' else None
        return importlib.util.spec_from_file_location(fullname, file, submodule_search_locations=inside)


@contextmanager
def substituted(files: Mapping[str, Path]) -> Iterator[None]:
    """Import replacements instead of modules while the context lasts.

    Raises:
        ExportError: A module to be replaced was imported already.
    """
    loaded: Mapping[str, Any] = sys.modules
    for module, file in files.items():
        if module in loaded and getattr(loaded[module], '__file__', '') != str(file):
            raise ExportError(f'{module} is imported already, and cannot be replaced by {file}: use a new process')
    finder = _Finder(files)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder]


def check_replaced(files: Mapping[str, Path], world: World, live: LiveSet) -> None:
    """Check that replacements have all that the package needs of them.

    Args:
        files: The replacements, by the name of the replaced module.
        world: The observed process.
        live: What goes into the package.

    Raises:
        ExportError: A replaced module belongs to a library, or its replacement lacks something.
    """
    for module, file in files.items():
        if not world.is_origin(module):
            top = module.partition('.')[0]
            raise ExportError(f'{file} replaces {module}, of a package that stays a library: add --intern {top}')
    lacking = [
        f'{live.modules[home].place(offset)}: {target.message}, which {files[target.module]} replaces'
        for (home, offset), resolution in live.resolutions.items()
        if isinstance(target := resolution.target, Broken) and target.module in files
    ]
    if lacking:
        raise ExportError(*lacking)


__all__ = ['check_replaced', 'read_substitutions', 'substituted']
