"""What linking gives: the package's code and config, as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.package import Layout


@dataclass(frozen=True)
class Linked:
    """The package without the documents and tools around it.

    Attributes:
        code: Every Python file of ``pack/`` by its path relative to the output folder.
        config: The rewritten config as plain data.
        config_path: Where it stands.
        layout: Where each origin module went.
        manifest: The text of ``manifest.json``.
        types: The file that holds what a ``type`` of the config names, by the text of the type.
        resources: Data files of the origins to be copied: path relative to the output folder, and the file.
        diagnostics: What there is to say.
        files: For each string of the config that names a file which comes along, its place below ``pack``.
    """

    code: Mapping[str, str]
    config: Mapping[str, Any]
    config_path: str
    layout: Layout
    manifest: str
    types: Mapping[str, str]
    resources: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
