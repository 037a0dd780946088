"""The original of a package: the file of its config, as named in the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from introspect_export.load.config_location import locate
from introspect_export.model import ExportError
from introspect_export.verify.role_pair import NotShownError


@dataclass(frozen=True)
class Original:
    """The original of a package.

    Attributes:
        file: Its config file.
        scope: The default scope for a config without one.
        options: The overrides with which it was exported, as Python expressions, by dotted key.
        files: The files that it reads relative to its working folder.
    """

    file: str
    scope: str
    options: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def original(manifest: Mapping[str, Any], config: str | None) -> Original:
    """Find the config that a package was exported from.

    Args:
        manifest: The package's manifest.
        config: A path or ``repo::path`` in place of the manifest's.

    Raises:
        ExportError: ``config`` names no file.
        NotShownError: The manifest names no file, or that does not exist here.
    """
    facts = manifest.get('config', {})
    options, files = facts.get('options', {}), tuple(sorted(manifest.get('read_files', ())))
    if config is not None:
        return Original(str(locate(config)[0]), facts.get('scope', ''), options, files)
    if not facts.get('file'):
        raise NotShownError('the manifest names no file of the original config: say which one it is with --config')
    try:
        return Original(str(locate(facts['file'])[0]), facts.get('scope', ''), options, files)
    except ExportError as error:
        raise NotShownError(f'the original config is not here: {error}; --config says where it is') from error
