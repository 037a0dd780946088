"""The file of a package's config, and the step that reads a config's values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from .config_values_by_path import flat, placed

if TYPE_CHECKING:
    from .role_objects import Side


def config_file(out: Path) -> Path:
    """Return the file of the package's config: the one that its manifest names, or else the only one.

    Args:
        out: The folder of the package.

    Raises:
        ValueError: There is no such file, or more than one.
    """
    files = [file for file in sorted((out / 'pack' / 'configs').rglob('*.py')) if file.name != '__init__.py']
    named = json.loads((out / 'manifest.json').read_text(encoding='utf-8')).get('config') or {}
    own = [file for file in files if file.stem == named.get('name')] or files
    if len(own) != 1:
        raise ValueError(f'expected one config below pack/configs, found {[file.name for file in own]}')
    return own[0]


def config(side: Side) -> dict[str, dict[str, str]]:
    """Return the ``values`` of a role's config, as text by path.

    Args:
        side: The role.
    """
    values = flat(side.loaded._cfg_dict)
    return {'values': placed(values, side.loaded.filename) if side.role == 'pack' else values}
