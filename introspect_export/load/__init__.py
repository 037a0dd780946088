"""Find and read a config."""

from introspect_export.load.config import ConfigSource, LoadedConfig, load_config

__all__ = ['ConfigSource', 'LoadedConfig', 'load_config']
