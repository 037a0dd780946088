"""The input of the documents of a package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DocumentFacts:
    """The properties of a package that its documents describe.

    Attributes:
        config_name: The config's name, without a suffix.
        config: The package's config as plain data.
        config_path: Its file, relative to the output folder, with forward slashes.
        code: The text of the package's Python files, by path relative to the output folder.
        origins: The import names of the origin packages.
        versions: The version of each distribution seen, by name; those of others are looked up.
        types: The file that defines each ``type`` of the config. A missing type is looked up by its name among the
            classes that only one file defines.
        missing: Data files that building a section tried to read and that do not exist, with the section.
        placeholders: The compiled extensions that were not installed at export.
        resources: Data files of the package, relative to the output folder.
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
    missing: Mapping[str, str] = field(default_factory=dict)
