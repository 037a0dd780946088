"""The installed distributions with the top-level modules that each provides, and the standard library's modules.

Only metadata headers are read: ``importlib.metadata.packages_distributions`` would parse all file names and
descriptions.
"""

from __future__ import annotations

import csv
import functools
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder

_SUFFIX = re.compile(r'(\.py|\.[\w-]+\.(so|pyd))$')


@dataclass(frozen=True)
class Provider:
    """An installed distribution.

    Attributes:
        name: The distribution's name on the package index.
        version: The installed version.
        head: The header lines of its metadata.
    """

    name: str
    version: str
    head: str


@functools.cache
def stdlib_names() -> frozenset[str]:
    """The top-level modules of the standard library, and ``__main__``."""
    return sys.stdlib_module_names | {'__main__'}


def providers(path: Sequence[str]) -> Mapping[str, tuple[Provider, ...]]:
    """The distributions on a path by the top-level modules that they provide.

    Args:
        path: The folders to search, as in ``sys.path``; of two distributions with one name, the first is taken.
    """
    found: dict[str, tuple[Provider, tuple[str, ...]]] = {}
    for folder in path:
        for provider, provided in _in(folder):
            found.setdefault(provider.name, (provider, provided))
    modules: dict[str, list[Provider]] = {}
    for _, (provider, provided) in sorted(found.items(), key=lambda item: item[0].lower()):
        for module in provided:
            modules.setdefault(module, []).append(provider)
    return {module: tuple(names) for module, names in modules.items()}


@functools.cache
def _in(folder: str) -> tuple[tuple[Provider, tuple[str, ...]], ...]:
    """The distributions in one folder, each with its top-level modules."""
    # Not ``importlib.metadata.distributions()``: it uses the finders of ``sys.meta_path``, where the backport
    # ``importlib_metadata``, once a library has imported it, disables the standard finder.
    found = []
    for distribution in MetadataPathFinder.find_distributions(DistributionFinder.Context(path=[folder])):
        head = _head(distribution)
        name = _field(head, 'Name')
        if name:
            found.append((Provider(name, _field(head, 'Version'), head), tuple(_provided(distribution))))
    return tuple(found)


def _head(distribution: Distribution) -> str:
    """The header lines of a distribution's metadata, which may be an ``.egg-info`` file."""
    texts = (distribution.read_text(name) for name in ('METADATA', 'PKG-INFO', ''))
    return next((text for text in texts if text), '').partition('\n\n')[0]


def _field(head: str, name: str) -> str:
    found = re.search(rf'^{name}:[ \t]*(.*)$', head, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ''


def _provided(distribution: Distribution) -> list[str]:
    """The top-level modules of a distribution: those of ``top_level.txt``, or else found from its file names."""
    declared = distribution.read_text('top_level.txt')
    if declared:
        return list(dict.fromkeys(declared.split()))
    files = [file.split('/') for file in _files(distribution)]
    folders = {parts[0] for parts in files if len(parts) > 1 and parts[-1].endswith('.py')}
    single = {_SUFFIX.sub('', parts[0]) for parts in files if len(parts) == 1 and _SUFFIX.search(parts[0])}
    return sorted(name for name in folders | single if name.isidentifier())


def _files(distribution: Distribution) -> list[str]:
    # https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
    record = distribution.read_text('RECORD')
    if record is not None:
        return [row[0] for row in csv.reader(record.splitlines()) if row]
    return [str(file) for file in distribution.files or ()]
