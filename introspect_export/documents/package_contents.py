"""The contents of a package for its README: its folders, and the files of the classes that its config names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from introspect_export.documents.module_outline import outline

_SECTION = re.compile(r'^(model|visualizer|log_processor)$|_(dataloader|evaluator|hooks|cfg|wrapper|scheduler|model)$')
_SKIPPED = ('pack/configs', 'pack/demo', 'pack/data')


@dataclass(frozen=True)
class Folder:
    """A folder of code.

    Attributes:
        path: Relative to the output folder.
        files: The number of Python files in it and below.
        lines: Their number of lines.
        classes: The classes that they define at top level, in order.
    """

    path: str
    files: int
    lines: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class BuiltType:
    """A class or function that the config builds.

    Attributes:
        path: Its config path: ``model.backbone``.
        type: Its type as the config names it.
        file: The file of the package that defines it, or empty for a library's.
    """

    path: str
    type: str
    file: str


def definitions(files: Mapping[str, str]) -> dict[str, list[str]]:
    """The files that define a class or function, by its name."""
    found: dict[str, list[str]] = {}
    for path in sorted(files):
        for name in outline(files[path]).definitions:
            found.setdefault(name, []).append(path)
    return found


def folders(files: Mapping[str, str]) -> list[Folder]:
    """The folders and single modules directly below ``pack``."""
    groups: dict[str, list[str]] = {}
    for path in sorted(files):
        parts = path.split('/')
        if parts[0] == 'pack' and len(parts) > 1:
            place = '/'.join(parts[:2]) + ('/' if len(parts) > 2 else '')
            if place.rstrip('/') not in _SKIPPED and place != 'pack/__init__.py':
                groups.setdefault(place, []).append(path)
    return [
        Folder(
            place,
            len(paths),
            sum(files[path].count('\n') for path in paths),
            tuple(name for path in paths for name in outline(files[path]).classes),
        )
        for place, paths in groups.items()
    ]


def built(config: Mapping[str, Any], types: Mapping[str, str], files: Mapping[str, str]) -> list[BuiltType]:
    """What the config builds from the package: each type once, at its first config path."""
    known = {name: paths[0] for name, paths in definitions(files).items() if len(paths) == 1}
    found: dict[str, BuiltType] = {}
    # Sections before other variables of the config (``train_pipeline``), whose values the sections repeat.
    ordered = {key: config[key] for key in sorted(config, key=lambda key: not _SECTION.search(key))}
    for path, text in _types(ordered, ''):
        file = types.get(text) or known.get(text.rpartition('.')[2], '')
        if file and text not in found:
            found[text] = BuiltType(path, text.rpartition('.')[2], file)
    return list(found.values())


def _types(value: Any, path: str) -> Iterator[tuple[str, str]]:
    items: Any = ()
    if isinstance(value, Mapping):
        if isinstance(value.get('type'), str):
            yield path, value['type']
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    for key, item in items:
        yield from _types(item, f'{path}.{key}' if path else str(key))
