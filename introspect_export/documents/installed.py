"""What is installed: which distribution a module belongs to, its version and licence."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Mapping
from dataclasses import dataclass

_LICENCE = 'License :: '
_SUFFIX = re.compile(r'(\.py|\.[\w-]+\.(so|pyd))$')


@dataclass(frozen=True)
class Distribution:
    """An installed distribution.

    Attributes:
        name: Its name on the index.
        version: Its version, without a local part (``+cpu``).
        licence: What its metadata says about its licence, or empty.
        home: Its home page, or empty.
    """

    name: str
    version: str
    licence: str = ''
    home: str = ''


@dataclass(frozen=True)
class Installed:
    """The distributions by the top-level modules that they provide; of several that provide one, the first by name."""

    modules: Mapping[str, Distribution]

    def of(self, module: str) -> Distribution | None:
        """The distribution that provides a module, by the module's first name."""
        return self.modules.get(module.partition('.')[0])


@functools.lru_cache(maxsize=1)
def installed() -> Installed:
    """Read what is installed here."""
    modules: dict[str, Distribution] = {}
    # Not ``importlib.metadata.distributions()``: it asks the finders of ``sys.meta_path``, and the backport
    # ``importlib_metadata``, once a library has imported it, takes the standard finder's answer away.
    distributions = importlib.metadata.MetadataPathFinder.find_distributions()
    found = {name: one for one in distributions if (name := _field(one.metadata, 'Name'))}
    for _, distribution in sorted(found.items(), key=lambda item: item[0].lower()):
        facts = _facts(distribution)
        for module in _provided(distribution):
            modules.setdefault(module, facts)
    return Installed(modules)


def _facts(distribution: importlib.metadata.Distribution) -> Distribution:
    metadata = distribution.metadata
    pages = [page.partition(',') for page in metadata.get_all('Project-URL') or []]
    homes = [url.strip() for label, _, url in pages if label.strip().lower() in ('homepage', 'home', 'source')]
    home = _field(metadata, 'Home-page') or next(iter(homes), '')
    version = distribution.version.partition('+')[0]
    return Distribution(metadata['Name'], version, licence(metadata), home if home != 'UNKNOWN' else '')


def _field(metadata: importlib.metadata.PackageMetadata, name: str) -> str:
    # Asking for a field that is not there warns since Python 3.12, and will raise.
    return str(metadata[name] or '') if name in metadata else ''


def licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """The licence that a distribution's metadata names, in one line.

    Some distributions put the whole text into the field ``License``; then the classifiers say which one it is.
    """
    expression, field = _field(metadata, 'License-Expression'), _field(metadata, 'License')
    if expression:
        return expression
    if field and '\n' not in field.strip() and field.strip() != 'UNKNOWN':
        return field.strip()
    names = [one[len(_LICENCE) :] for one in metadata.get_all('Classifier') or [] if one.startswith(_LICENCE)]
    return ', '.join(name.rpartition(' :: ')[2] for name in names)


def _provided(distribution: importlib.metadata.Distribution) -> list[str]:
    """The top-level modules of a distribution, as it declares them, or by its files."""
    declared = distribution.read_text('top_level.txt')
    if declared:
        return declared.split()
    files = [file.parts for file in distribution.files or ()]
    folders = {parts[0] for parts in files if len(parts) > 1 and parts[-1].endswith('.py')}
    single = {_SUFFIX.sub('', parts[0]) for parts in files if len(parts) == 1 and _SUFFIX.search(parts[0])}
    return sorted(name for name in folders | single if name.isidentifier())
