"""Imports that a config requests, and the reasons of those that fail."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DefaultScope, Registry

from introspect_export.import_failures import import_failure, misses_itself
from introspect_export.model.diagnostics import ExportError
from introspect_export.observe.recording import LiveEvent

FAILED_IMPORT = 'IE-IMPORT-FAILED'


def import_custom(config: Config) -> dict[str, str]:
    """Import the modules that ``custom_imports`` names.

    Args:
        config: The config.

    Returns:
        The modules that cannot be imported, with the reasons, where the config allows that. Only an ``ImportError`` is
        allowed, as in mmengine.

    Raises:
        ExportError: A module cannot be imported, and the config does not allow that.
    """
    custom = config.get('custom_imports') or {}
    names = custom.get('imports') or ()
    names = [names] if isinstance(names, str) else names
    allowed: dict[str, str] = {}
    failed: list[str] = []
    where = config.filename or 'the config'
    for name in names:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # The module's own code runs here: it can raise anything.
            if isinstance(error, ImportError) and custom.get('allow_failed_imports'):
                allowed[name] = import_failure(error)
            else:
                failed.append(f'{where}: custom_imports: {name!r} cannot be imported: {_advised(name, error, where)}')
    if failed:
        raise ExportError(*failed)
    return allowed


def _advised(name: str, error: BaseException, config: str) -> str:
    """The reason of a failed import, with advice where a module is not found."""
    reason = import_failure(error)
    if not isinstance(error, ModuleNotFoundError):
        return reason
    if not misses_itself(error, name):
        return f'{reason}; it must be installed for {sys.executable}, or be found on PYTHONPATH'
    folder = next(_folders_with(name, (os.path.dirname(os.path.abspath(config)), os.getcwd())), None)
    if folder is not None:
        return f'{folder} has it, and Python does not look there; run it again after: export PYTHONPATH={folder}'
    return f'{reason}; modules of your own must be found on PYTHONPATH'


def _folders_with(module: str, folders: Iterable[str]) -> Iterator[str]:
    """The folders from which a module could be imported."""
    for folder in folders:
        place = Path(folder, *module.split('.'))
        if os.path.isfile(f'{place}.py') or os.path.isdir(place):
            yield folder


def failing_imports(events: Iterable[LiveEvent]) -> dict[str, str]:
    """The modules that fill the registries of failed look-ups and whose import fails, with the reasons.

    mmengine ignores it where the package of a scope, its registries, or one of their locations cannot be imported, and
    fails later because the type is not registered. The import is repeated here, where it fails in the same way.
    """
    reasons = {name: reason for name in _filling(events) if (reason := _imported(name))}
    # A package that fails makes each of its modules fail for the same reason.
    return {name: reason for reason, name in {reason: name for name, reason in reversed(reasons.items())}.items()}


def _filling(events: Iterable[LiveEvent]) -> Iterator[str]:
    """The modules that mmengine imports, or tries to import, for look-ups that failed."""
    names: dict[str, None] = {}
    current = DefaultScope.get_current_instance()
    for event in events:
        if event.error and event.target is None:
            scopes = [event.type_text.rpartition('.')[0], current.scope_name if current is not None else '']
            for scope in filter(None, scopes):
                top = scope.partition('.')[0]
                names.update(dict.fromkeys((top, f'{top}.registry')))
                names.update(dict.fromkeys(_locations(event.asked.root, top)))
    yield from names


def _locations(root: Registry, scope: str) -> list[str]:
    registry = root._search_child(scope)
    return list(registry._locations) if registry is not None else []


def _imported(name: str) -> str:
    """The reason why a module that exists cannot be imported, or an empty string."""
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:  # The module's own code runs here: it can raise anything.
        return '' if misses_itself(error, name) else import_failure(error)
    return ''


def advice_lines(failed: Mapping[str, str]) -> list[str]:
    """One line for each module whose import failed."""
    return [f'  {name} cannot be imported: {reason}' for name, reason in failed.items()]
