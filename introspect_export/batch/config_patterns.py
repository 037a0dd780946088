"""Expand patterns to configs, and choose the folder of each config's package."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from introspect_export.load.config_location import SUFFIXES, config_roots, locate, owning_package
from introspect_export.model.diagnostics import ExportError

_SEPARATOR = '::'
_PREFIX = 'configs/'
_GLOB = re.compile(r'[*?\[]')
_GLOB_TOKEN = re.compile(r'\*\*/?|\*|\?|\[!?[^]]+\]')
_UNSAFE = re.compile(r'[<>:"|?*\\\x00-\x1f]')
# Most file systems allow 255 bytes, and a package is staged under a longer name.
_LONGEST = 200


@dataclass(frozen=True)
class SelectedConfig:
    """A config that a pattern matches.

    Attributes:
        config: ``repo::path``, or the absolute path of a file.
        library: The package that the config belongs to, or empty.
        folder: The folder of its exported package, relative to the batch's, with forward slashes.
    """

    config: str
    library: str
    folder: str


def expand(patterns: Iterable[str]) -> list[SelectedConfig]:
    """Expand patterns.

    Args:
        patterns: Configs as ``export`` takes them; ``repo::pattern`` or ``path/pattern`` with ``*``, ``?``, ``[…]`` and
            ``**``; folders; and text files that hold any of these, one a line.

    Returns:
        The distinct configs, grouped by library, each with a distinct folder.

    Raises:
        ExportError: Patterns match nothing, or configs do not exist; lists all of them.
    """
    problems: list[str] = []
    found: dict[tuple[str, str], None] = {}
    for pattern in _lines(patterns, problems):
        try:
            matches = _package_configs(pattern) if _SEPARATOR in pattern else _files(pattern)
        except ExportError as error:
            problems.extend(error.problems)
            continue
        if not matches:
            problems.append(f'{pattern}: no config matches')
        found.update(dict.fromkeys(matches))
    if problems:
        raise ExportError(*problems)
    libraries = list(dict.fromkeys(library for library, _ in found))
    ordered = sorted(found, key=lambda one: libraries.index(one[0]))
    folders = _distinct([_folder(*one) for one in ordered])
    return [
        SelectedConfig(f'{library}{_SEPARATOR}{path}' if library else path, library, folder)
        for (library, path), folder in zip(ordered, folders, strict=True)
    ]


def _lines(patterns: Iterable[str], problems: list[str]) -> Iterator[str]:
    """The patterns, with text files replaced by the patterns that they hold."""
    for pattern in patterns:
        if _SEPARATOR in pattern or pattern.endswith(SUFFIXES) or not os.path.isfile(pattern):
            yield pattern
            continue
        try:
            text = Path(pattern).read_text(encoding='utf-8')
        except UnicodeDecodeError:
            problems.append(f'{pattern}: no config (they end with {", ".join(SUFFIXES)}), and no list of configs')
            continue
        for line in text.splitlines():
            name = line.partition('#')[0].strip()
            if name:
                yield name


def _package_configs(pattern: str) -> list[tuple[str, str]]:
    """The matching configs of an installed package: its name, and paths below its folder of configs."""
    package, _, path = (part.strip() for part in pattern.partition(_SEPARATOR))
    path = path[len(_PREFIX) :] if path.startswith(_PREFIX) else path
    if not _GLOB.search(path):
        locate(pattern)
        return [(package, path)]
    names = (name for root in config_roots(package) for name in _below(root, path))
    return [(package, name) for name in sorted(set(names))]


def _files(pattern: str) -> list[tuple[str, str]]:
    """The matching config files; one in an installed package is named as that package's."""
    path = Path(pattern).expanduser()
    if _GLOB.search(pattern) and not os.path.exists(path):
        parts = path.parts
        first = next(index for index, part in enumerate(parts) if _GLOB.search(part))
        root = Path(*parts[:first]) if first else Path()
        files = [root / name for name in _below(root, '/'.join(parts[first:]))]
    elif os.path.isdir(path):
        files = [path / name for name in _below(path, '**')]
    else:
        files = [locate(pattern)[0]]
    return [_of_package(file.resolve()) for file in files]


def _of_package(file: Path) -> tuple[str, str]:
    package = owning_package(file)
    if package:
        for root in config_roots(package):
            if root.resolve() in file.parents:
                return package, file.relative_to(root.resolve()).as_posix()
    return '', str(file)


def _below(root: Path, pattern: str) -> list[str]:
    """The matching configs below a folder, without those in ``_base_`` folders."""
    wanted = re.compile(_regex(pattern))
    # Packages have other YAML files beside their configs.
    suffixes = tuple(suffix for suffix in SUFFIXES if pattern.endswith(suffix)) or ('.py',)
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(one for one in folders if one not in ('_base_', '__pycache__') and not one.startswith('.'))
        names = ((Path(folder) / file).relative_to(root).as_posix() for file in files if file != '__init__.py')
        found += sorted(name for name in names if name.endswith(suffixes) and wanted.fullmatch(name))
    return found


def _regex(pattern: str) -> str:
    """A glob as a regular expression: ``**`` matches any folders, ``*`` and ``?`` do not match ``/``."""
    result, end = '', 0
    for match in _GLOB_TOKEN.finditer(pattern):
        result += re.escape(pattern[end : match.start()])
        piece, end = match.group(), match.end()
        if piece == '**/':
            result += '(?:.*/)?'
        elif piece.startswith('['):
            result += '[^' + piece[2:] if piece[1] == '!' else piece
        else:
            result += {'**': '.*', '*': '[^/]*', '?': '[^/]'}[piece]
    return result + re.escape(pattern[end:])


def _folder(library: str, path: str) -> str:
    """The folder of a config's package: its path below its library's configs, or below the working folder."""
    if library:
        parts = [library, *path.split('/')]
    else:
        here = Path.cwd().resolve()
        file = PurePath(path)
        parts = list(file.relative_to(here).parts if here in file.parents else file.parts[1:])
    if parts[-1].endswith('.py'):
        parts[-1] = parts[-1][: -len('.py')]
    return '/'.join(_safe(part) for part in parts)


def _safe(part: str) -> str:
    """A similar folder name that is valid on all file systems."""
    name = re.sub(r'^\.|[. ]$', '_', _UNSAFE.sub('_', part))
    if len(name.encode()) <= _LONGEST:
        return name
    mark = hashlib.sha256(part.encode()).hexdigest()[:12]
    return name.encode()[: _LONGEST - len(mark) - 1].decode(errors='ignore') + '-' + mark


def _distinct(folders: Sequence[str]) -> list[str]:
    """The folders, renamed so that none equals another one, ignoring case, or is inside of it."""
    above = {_key(parent.as_posix()) for folder in folders for parent in PurePath(folder).parents}
    taken: set[str] = set()
    result = []
    for folder in folders:
        names = (f'{folder}{"_" * (number > 0)}{number or ""}' for number in range(len(folders) + len(above) + 1))
        name = next(one for one in names if _key(one) not in taken and _key(one) not in above)
        taken.add(_key(name))
        result.append(name)
    return result


def _key(folder: str) -> str:
    return folder.casefold()
