"""What the documents of a package are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DocumentFacts:
    """A package, as far as its documents tell of it.

    Attributes:
        config_name: The config's name, without a suffix.
        config: The package's config as plain data.
        config_path: The file of it, relative to the output folder, with forward slashes.
        code: The text of the package's Python files, by path relative to the output folder.
        origins: The import names of the origin packages.
        versions: The version of each distribution that was seen, by its name; others are looked up.
        types: The file that holds what a ``type`` of the config names, by the text of the type. Where one is missing, a
            class that only one file defines is found by its name.
        asked: Data files that were seen to be asked for and not there, with the section that did.
        placeholders: The compiled extensions that were not installed where the package was written.
        resources: Files of the package that are no code, relative to the output folder.
    """

    config_name: str
    config: Mapping[str, Any]
    config_path: str
    code: Mapping[str, str]
    origins: tuple[str, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    placeholders: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)
