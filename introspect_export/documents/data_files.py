"""The files and folders that a config expects on disk."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

_FILE_KEY = re.compile(r'(^|_)(file|dir|path|root|folder|prefix|lmdb)s?$')
_OUTPUT_KEY = re.compile(r'^(out|save|work|tmp|dump|log)')
_WEIGHTS = ('checkpoint', 'pretrained', 'load_from')
_SECTIONS = ('dataloader', 'evaluator')
# Not paths of data: storage backends, class names, caches.
_SKIPPED = ('backend_args', 'metainfo', 'file_client_args')
_SUFFIX = re.compile(r'\.\w{1,8}$')


@dataclass(frozen=True)
class DataEntry:
    """A file or folder that the config names.

    Attributes:
        path: Relative to the folder that the tools are started in, or absolute, or a URL.
        kind: ``file`` or ``folder`` of data, or ``weights``.
        named_in: The config paths of its mentions.
    """

    path: str
    kind: str
    named_in: tuple[str, ...]


def data_entries(config: Mapping[str, Any], missing: Mapping[str, str] = MappingProxyType({})) -> list[DataEntry]:
    """The files and folders that a config's data sets and evaluators read, then the weights that it starts from.

    Args:
        config: The config.
        missing: Files that building a section tried to read, with the section.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for key, value in config.items():
        if key.endswith(_SECTIONS):
            for path, kind, where in _data(value, key):
                found.setdefault((path, kind), []).append(where)
    known = {posixpath.normpath(path) for path, _ in found}
    for path, section in missing.items():
        if posixpath.normpath(path) not in known:
            found.setdefault((path, 'file'), []).append(f'{section} (asked for when it was built)')
    for path, where in _weights(config, ''):
        found.setdefault((path, 'weights'), []).append(where)
    return [DataEntry(path, kind, tuple(dict.fromkeys(names))) for (path, kind), names in found.items()]


def data_places(config: Mapping[str, Any]) -> set[str]:
    """The files and folders of a config's data: roots, prefixes and annotations of data sets, and weights."""
    return {path for path in (*_places(config), *(path for path, _ in _weights(config, ''))) if path.strip('./')}


def _places(value: Any) -> Iterator[str]:
    for _, item in _items(value):
        yield from _places(item)
    if not isinstance(value, Mapping):
        return
    root = value.get('data_root')
    root = root if isinstance(root, str) else ''
    prefixes, annotations = value.get('data_prefix'), value.get('ann_file')
    named = list(prefixes.values()) if isinstance(prefixes, Mapping) else [prefixes]
    named += annotations if isinstance(annotations, (list, tuple)) else [annotations]
    yield from (join(root, each) for each in ('', *named) if isinstance(each, str))


def join(root: str, path: str) -> str:
    """Join as mmengine's data sets do: absolute paths and URLs are not changed."""
    return path if not root or posixpath.isabs(path) or '://' in path else posixpath.join(root, path)


def root_option(config: Mapping[str, Any]) -> str:
    """The config path of the first data set's root, or empty."""
    for key, value in config.items():
        if key.endswith(_SECTIONS[0]):
            for path in _roots(value, key):
                return path
    return ''


def _roots(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, Mapping) and isinstance(value.get('data_root'), str):
        yield f'{where}.data_root'
    for place, item in _items(value):
        yield from _roots(item, f'{where}.{place}')


def _data(value: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Path, kind and config path of each file and folder below a section."""
    for place, item in _items(value):
        if place != 'data_prefix':  # Its keys are specific to the data set; its values are folders below the root.
            yield from _data(item, f'{where}.{place}')
    if not isinstance(value, Mapping):
        return
    root = value.get('data_root') or ''
    root = root if isinstance(root, str) else ''
    for key, item in value.items():
        if key == 'data_prefix' and isinstance(item, Mapping):
            yield from _prefixes(root, item, f'{where}.{key}')
        elif key == 'ann_file' and item and isinstance(item, str):
            yield join(root, item), _kind(item), f'{where}.{key}'
        elif key != 'data_root' and isinstance(key, str) and _FILE_KEY.search(key) and not _OUTPUT_KEY.match(key):
            yield from _others(root, item, f'{where}.{key}')
    if root and not any(key in value for key in ('data_prefix', 'ann_file')):
        yield root, 'folder', f'{where}.data_root'


def _prefixes(root: str, prefixes: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, str]]:
    for key, item in prefixes.items():
        if isinstance(item, str) and (root or item):
            yield join(root, item), 'folder', f'{where}.{key}'


def _others(root: str, value: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Paths under other keys that look like paths: below the root, unless they begin with it."""
    for item in value if isinstance(value, (list, tuple)) else [value]:
        # A path that begins with a placeholder of mmengine is a file of the package.
        if isinstance(item, str) and ('/' in item or _SUFFIX.search(item)) and not item.startswith('{{'):
            inside = root and not item.startswith(root.rstrip('/')) and not item.startswith('.')
            yield join(root, item) if inside else item, _kind(item), where


def _weights(value: Any, where: str) -> Iterator[tuple[str, str]]:
    for place, item in _items(value):
        path = f'{where}.{place}' if where else str(place)
        if place in _WEIGHTS and isinstance(item, str) and item:
            yield item, path
        yield from _weights(item, path)


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return [(key, item) for key, item in value.items() if key not in _SKIPPED]
    return list(enumerate(value)) if isinstance(value, (list, tuple)) else []


def _kind(path: str) -> str:
    return 'file' if _SUFFIX.search(path.rstrip('/')) and not path.endswith('/') else 'folder'
