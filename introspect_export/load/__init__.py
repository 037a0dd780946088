"""Find and read a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from introspect_export.load.config import ConfigSource, LoadedConfig, load_config

__all__ = ['ConfigSource', 'LoadedConfig', 'load_config']


def __getattr__(name: str) -> Any:
    """Import mmengine when a config is to be read (PEP 562): finding one does not need it."""
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from introspect_export.load import config

    return getattr(config, name)
