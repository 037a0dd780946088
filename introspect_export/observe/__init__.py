"""Build what a config declares and record the classes it consists of: the only stage that holds live objects."""

from typing import Any

from introspect_export.callable_module import make_callable
from introspect_export.observe.observer import observe_config

__all__ = ['observe_config']


def _observe() -> Any:
    """Record what registries build in a ``with`` block; see ``introspect_export.inspect.inspect_objects.observe``."""
    from introspect_export.inspect.inspect_objects import observe

    return observe()


make_callable(__name__, _observe)
