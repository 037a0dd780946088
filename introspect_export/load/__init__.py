"""Find and read a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from introspect_export.load.config_reading import ConfigSource, LoadedConfig, load_config

__all__ = ['ConfigSource', 'LoadedConfig', 'load_config']


def __getattr__(name: str) -> Any:
    """Import mmengine on first use (PEP 562): finding a config does not need it."""
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from introspect_export.load import config_reading

    return getattr(config_reading, name)
