"""Build what a config declares and see what it is made of: the only stage with live objects."""

from introspect_export.observe.observer import observe_config

__all__ = ['observe_config']
