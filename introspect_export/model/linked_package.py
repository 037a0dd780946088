"""The result of linking: the package's code and config, as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.output_package import Layout


@dataclass(frozen=True)
class Linked:
    """The exported package without its documents and tools.

    Attributes:
        code: Every Python file of ``pack/`` by its path relative to the output folder.
        config: The rewritten config as plain data; the first one of several.
        config_path: The path of the config's file, relative to the output folder.
        layout: The output module of each origin module.
        manifest: The content of ``manifest.json`` as plain data.
        types: For each ``type`` string of the config, the file that defines the class.
        resources: The data files to copy: for each path relative to the output folder, the source file.
        diagnostics: The diagnostics of linking.
        files: For each string of the config that names a file of the package, its path below ``pack``.
    """

    code: Mapping[str, str]
    config: Mapping[str, Any]
    config_path: str
    layout: Layout
    manifest: Mapping[str, Any]
    types: Mapping[str, str]
    resources: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
