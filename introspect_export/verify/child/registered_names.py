"""The registered names in a config."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any


def all_types() -> dict[str, None]:
    """Return the keys of all registries, with and without scope.

    The locations of the package's registries are imported; of libraries, only imported modules count.
    """
    import mmengine.registry
    from mmengine.registry import Registry

    modules = [mmengine.registry, *(module for name, module in sys.modules.copy().items() if name.startswith('pack.'))]
    pending = [value for module in modules for value in vars(module).copy().values() if isinstance(value, Registry)]
    found: dict[str, None] = {}
    while pending:
        registry = pending.pop()
        pending += registry.children.values()
        if any(location.startswith('pack.') for location in registry._locations):
            registry.import_from_location()
        for key in registry.module_dict:
            found[key] = found[f'{registry.scope}.{key}'] = None
    return found


def types(value: Any, path: str = '') -> Iterator[tuple[str, str]]:
    """Yield every ``type`` string of a config with the path of its dict.

    Args:
        value: The config, or a value in it.
        path: The value's path.
    """
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
        if isinstance(value.get('type'), str):
            yield path, value['type']
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    for key, item in items:
        yield from types(item, f'{path}.{key}' if path else str(key))


def unresolved(config: Any) -> list[tuple[str, str]]:
    """Return the ``type`` strings that are neither registered nor importable, with their paths.

    Args:
        config: The config, as plain dicts.
    """
    from mmengine.utils import get_object_from_string

    known = all_types()
    found = []
    for path, text in types(config):
        if text not in known and ('.' not in text or get_object_from_string(text) is None):
            found.append((path, text))
    return found
