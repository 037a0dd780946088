"""Find the config file that a user names."""

from __future__ import annotations

import difflib
import importlib.util
import os
import pkgutil
from pathlib import Path

from introspect_export.model.diagnostics import ExportError

SUFFIXES = ('.py', '.yaml', '.yml', '.json')
_SEPARATOR = '::'
_PREFIX = 'configs/'
_MAX_NEAR = 5


def locate(text: str) -> tuple[Path, str]:
    """Find a config file.

    Args:
        text: A path, or ``repo::path`` with or without a leading ``configs/``.

    Returns:
        The file, and the package of ``repo::path``, or empty.

    Raises:
        ExportError: The file does not exist; the message has near names.
    """
    package, separator, path = text.partition(_SEPARATOR)
    if separator:
        return _in_package(package.strip(), path.strip()), package.strip()
    file = Path(text).expanduser()
    if os.path.isfile(file):  # Not ``Path.is_file``, which raises for names that are too long.
        return file.resolve(), ''
    raise ExportError(_missing_path(file))


def _in_package(package: str, path: str) -> Path:
    roots = config_roots(package)
    relative = path[len(_PREFIX) :] if path.startswith(_PREFIX) else path
    for root in roots:
        if os.path.isfile(root / relative):
            return (root / relative).resolve()
    names = sorted({file.relative_to(root).as_posix() for root in roots for file in _config_files(root)})
    if not names:
        raise ExportError(f'{package}: the installed package has no configs (looked in {_listed(roots)})')
    raise ExportError(f'no config {relative!r} in {_listed(roots)}{_suggestion(relative, names, f"{package}::")}')


def config_roots(package: str) -> list[Path]:
    """The folders of a package's configs, found without importing it.

    They are in ``.mim/configs`` of an installed package, beside the package in a source checkout, or in the package
    itself with pure-Python configs.

    Raises:
        ExportError: The package is not installed.
    """
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None:
        near = difflib.get_close_matches(package, [module.name for module in pkgutil.iter_modules()], _MAX_NEAR)
        hint = f'; near names: {", ".join(near)}' if near else ''
        raise ExportError(f'{package}: no such package is installed here{hint}')
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    candidates = [
        root for one in folders for root in (one / '.mim' / 'configs', one.parent / 'configs', one / 'configs')
    ]
    return [root for root in candidates if root.is_dir()] or candidates[:1]


def owning_package(file: Path) -> str:
    """The package with a file in its ``package/.mim/configs``, or empty."""
    for folder in file.resolve().parents:
        if folder.name == 'configs' and folder.parent.name == '.mim':
            return folder.parent.parent.name
    return ''


def portable(file: str) -> str:
    """The name of a config file on any machine: ``repo::path`` if it is in an installed package, else its path."""
    package = owning_package(Path(file)) if file else ''
    if not package:
        return file
    parts = Path(file).resolve().parts
    index = max(number for number, part in enumerate(parts) if part == '.mim')
    return f'{package}{_SEPARATOR}{"/".join(parts[index + 2 :])}'


def _config_files(root: Path) -> list[Path]:
    return [Path(base, name) for base, _, names in os.walk(root) for name in names if name.endswith(SUFFIXES)]


def _missing_path(file: Path) -> str:
    if os.path.isdir(file):
        return f'{file} is a folder, not a config file'
    if not os.path.isdir(file.parent):
        hint = 'a config of an installed package is repo::path'
        return f'no config {str(file)!r}: the folder {str(file.parent)!r} does not exist ({hint})'
    names = sorted(one.name for one in file.parent.iterdir() if one.name.endswith(SUFFIXES))
    return f'no config {str(file)!r}{_suggestion(file.name, names, "")}'


def _suggestion(wanted: str, names: list[str], prefix: str) -> str:
    near = difflib.get_close_matches(wanted, names, _MAX_NEAR, cutoff=0.5)
    # The right name in another folder is not near as a string.
    near += [name for name in names if name.rpartition('/')[2] == wanted.rpartition('/')[2] and name not in near]
    return '; near names: ' + ', '.join(prefix + name for name in near[:_MAX_NEAR]) if near else ''


def _listed(roots: list[Path]) -> str:
    return ', '.join(str(root) for root in roots)
