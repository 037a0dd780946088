"""The files, and the configs among them, that code read while it was observed."""

from __future__ import annotations

import contextlib
import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any

from mmengine.config import Config

from introspect_export.load.audit_events import CallStack
from introspect_export.model.observation import HubConfig, Resource
from introspect_export.observe.expressions import expression
from introspect_export.observe.origin_policy import Boundary, package_folder
from introspect_export.observe.plain import plain
from introspect_export.observe.raw import is_a, module_namespace, namespace
from introspect_export.sandbox.config_tree import own_tree

Opened = Mapping[str, tuple[CallStack, ...]]

_HUB = 'mmengine.hub.hub'
_CONFIG_READERS = ('mmengine.config.config', _HUB)
_CONFIGS_OF_PACKAGE = '/.mim/configs/'
_WEIGHTS_READER = 'torch.serialization'


@dataclass(frozen=True)
class ReadConfigs:
    """The config files that code read.

    Attributes:
        content: By absolute path, the content of each file, merged with its bases.
        from_hub: Those that ``mmengine.hub`` read, by their names there.
    """

    content: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    from_hub: dict[str, HubConfig] = field(default_factory=dict)

    def update(self, other: ReadConfigs) -> None:
        """Add those of another record; where both have a file, its own are replaced."""
        self.content.update(other.content)
        self.from_hub.update(other.from_hub)


@contextmanager
def configs_read() -> Iterator[ReadConfigs]:
    """Record the config files that code reads with ``Config.fromfile`` while the context lasts.

    Yields:
        The record; it grows.
    """
    found = ReadConfigs()
    kept = vars(Config)['fromfile']
    original = kept.__func__

    @functools.wraps(original)
    def fromfile(filename: Any, *args: Any, **kwargs: Any) -> Any:
        value = original(filename, *args, **kwargs)
        # A lazy config may name a module that cannot be imported; its reader will fail at that by itself.
        with contextlib.suppress(ImportError):
            content = plain(own_tree(value._cfg_dict), expression)
            file = os.path.abspath(os.path.expanduser(os.fspath(filename)))
            found.content.setdefault(file, content)
            found.from_hub.update(_from_hub(file, sys._getframe(1)))
        return value

    Config.fromfile = staticmethod(fromfile)
    try:
        yield found
    finally:
        Config.fromfile = kept


def _from_hub(file: str, reader: FrameType) -> Iterator[tuple[str, HubConfig]]:
    """The name of a config in ``mmengine.hub``, ``package::path``, with its facts; nothing for other readers.

    Args:
        file: The config file.
        reader: The frame of the caller of ``Config.fromfile``, whose local variables have the config's metadata.
    """
    folder, separator, path = file.replace(os.sep, '/').partition(_CONFIGS_OF_PACKAGE)
    if separator and reader.f_globals.get('__name__') == _HUB:
        package, metadata = folder.rpartition('/')[2], reader.f_locals.get('cfg_meta')
        weights = metadata.get('Weights', '') if isinstance(metadata, dict) else ''
        yield f'{package}::{path}', HubConfig(file, package, str(weights))


def joined(*opened: Opened) -> dict[str, tuple[CallStack, ...]]:
    """The union of several records of opened files."""
    result: dict[str, tuple[CallStack, ...]] = {}
    for each in opened:
        for file, openings in each.items():
            result[file] = tuple(dict.fromkeys((*result.get(file, ()), *openings)))
    return result


def resources(
    opened: Opened,
    configs: Mapping[str, Any],
    origins: tuple[str, ...],
    boundary: Boundary,
    made: str,
    config: Any,
) -> tuple[Resource, ...]:
    """The opened files that are neither the source of a module nor part of a library or of the system.

    Args:
        opened: The files, with the call stacks of their openings.
        configs: The config files that code read; their bases are merged into them.
        origins: The top-level packages that are origin.
        boundary: Decides which modules are origin.
        made: The temporary folder in which the sections were built.
        config: The config. A file elsewhere that only libraries read is included if the config names it.
    """
    named = {os.path.abspath(os.path.expanduser(text)) for text in _strings([config, *configs.values()])}
    # Read from the namespaces: attribute access on a lazy module would import something.
    modules: Mapping[str, Any] = sys.modules.copy()
    sources = {module_namespace(module).get('__file__') for module in modules.values() if is_a(module, ModuleType)}
    places = _Places(origins, made)
    found = []
    for file, openings in opened.items():
        relevant = [each for each in openings if each and not _is_base_or_index(file, each, configs)]
        if not relevant or file in sources or not os.path.isfile(file):
            continue
        package, path = places.of(file)
        if not package and (places.is_foreign(file) or all(_reads_weights(each) for each in relevant)):
            continue
        readers = tuple(dict.fromkeys(tuple(one for one in each if boundary.is_origin(one[0])) for each in relevant))
        if package or path or any(readers) or file in named:
            found.append(Resource(package, path, file, readers))
    return tuple(found)


class _Places:
    """Classifies files by their folders.

    Args:
        origins: The top-level packages that are origin.
        made: A temporary folder, whose files are ignored.
    """

    def __init__(self, origins: tuple[str, ...], made: str) -> None:
        self._folders = {top: package_folder(top) for top in origins if '__path__' in namespace(sys.modules.get(top))}
        self._here = os.getcwd()
        paths = {sys.prefix, sys.base_prefix, sysconfig.get_path('stdlib'), site.getusersitepackages(), made}
        self._foreign = tuple(sorted(os.path.abspath(each) for each in {*paths, *site.getsitepackages()}))

    def of(self, file: str) -> tuple[str, str]:
        """The origin whose folder contains a file, and the relative path.

        For other files the origin is empty, and the path is that in the working folder, or empty outside of it.
        """
        for top, folder in self._folders.items():
            if folder and file.startswith(folder + os.sep):
                return top, os.path.relpath(file, folder).replace(os.sep, '/')
        inside = file.startswith(self._here.rstrip(os.sep) + os.sep)
        return '', os.path.relpath(file, self._here).replace(os.sep, '/') if inside else ''

    def is_foreign(self, file: str) -> bool:
        """Whether a file is part of the interpreter or of a library, or was created by building."""
        return any(file.startswith(each + os.sep) for each in self._foreign)


def _strings(value: Any) -> Iterator[str]:
    """The strings of a config that may name files."""
    if is_a(value, str):
        yield from [value] if '\0' not in value else []
    elif isinstance(value, (Mapping, list, tuple)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(each)


def _is_base_or_index(file: str, opening: CallStack, configs: Mapping[str, object]) -> bool:
    """Whether a file was opened as the base of a config, or as an index in which a hub looks a config up."""
    return file not in configs and any(module in _CONFIG_READERS for module, _ in opening)


def _reads_weights(opening: CallStack) -> bool:
    """Whether ``torch.load`` opened a file: weights are not exported."""
    return any(module == _WEIGHTS_READER for module, _ in opening)
