"""Where a pack's own config stands."""

from __future__ import annotations

from pathlib import Path


def config_file(out: Path) -> Path:
    """The pack's own config."""
    files = [file for file in sorted((out / 'pack' / 'configs').rglob('*.py')) if file.name != '__init__.py']
    own = [file for file in files if not any('_base_' in part for part in file.parts)]
    if len(own) != 1:
        raise ValueError(f'expected one config below pack/configs, found {[file.name for file in own]}')
    return own[0]
