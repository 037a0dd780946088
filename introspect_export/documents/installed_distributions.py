"""The installed distributions: by module, with version and licence."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from introspect_export.distributions import Provider, providers

_LICENCE = 'License :: '


@dataclass(frozen=True)
class Distribution:
    """An installed distribution.

    Attributes:
        name: Its name on the package index.
        version: Its version, without a local part (``+cpu``).
        licence: The licence that its metadata names, or empty.
        home: Its home page, or empty.
    """

    name: str
    version: str
    licence: str = ''
    home: str = ''


@dataclass(frozen=True)
class Installed:
    """The distributions by top-level module; where several provide one, the first by name."""

    modules: Mapping[str, Distribution]

    def of(self, module: str) -> Distribution | None:
        """The distribution that provides the top-level package of a module."""
        return self.modules.get(module.partition('.')[0])


class _Distributions(Mapping[str, Distribution]):
    """The distributions by top-level module; metadata is parsed on access."""

    def __init__(self, found: Mapping[str, tuple[Provider, ...]]) -> None:
        self._found = found

    def __getitem__(self, module: str) -> Distribution:
        return _distribution(self._found[module][0])

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def installed() -> Installed:
    """The distributions on ``sys.path``."""
    return Installed(_Distributions(providers(sys.path)))


def _distribution(provider: Provider) -> Distribution:
    metadata = HeaderParser().parsestr(provider.head)
    pages = [page.partition(',') for page in metadata.get_all('Project-URL') or []]
    homes = [url.strip() for label, _, url in pages if label.strip().lower() in ('homepage', 'home', 'source')]
    home = _field(metadata, 'Home-page') or next(iter(homes), '')
    version = provider.version.partition('+')[0]
    return Distribution(provider.name, version, licence(metadata), home if home != 'UNKNOWN' else '')


def _field(metadata: Message, name: str) -> str:
    return str(metadata[name] or '')


def licence(metadata: Message) -> str:
    """The licence that a distribution's metadata names, in one line.

    Some distributions have the whole text in the field ``License``; then the classifiers are used.
    """
    expression, field = _field(metadata, 'License-Expression'), _field(metadata, 'License')
    if expression:
        return expression
    if field and '\n' not in field.strip() and field.strip() != 'UNKNOWN':
        return field.strip()
    names = [one[len(_LICENCE) :] for one in metadata.get_all('Classifier') or [] if one.startswith(_LICENCE)]
    return ', '.join(name.rpartition(' :: ')[2] for name in names)
