"""Import what a config names, and say of an import that fails where it failed, and for what."""

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
        The modules that cannot be imported, where the config lets that pass, with the reasons. Only an ``ImportError``
        may pass, as in mmengine.

    Raises:
        ExportError: One cannot be imported, and the config does not let that pass.
    """
    asked = config.get('custom_imports') or {}
    names = asked.get('imports') or ()
    names = [names] if isinstance(names, str) else names
    passed: dict[str, str] = {}
    failed: list[str] = []
    where = config.filename or 'the config'
    for name in names:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # The module's own code runs here: it can raise anything.
            if isinstance(error, ImportError) and asked.get('allow_failed_imports'):
                passed[name] = import_failure(error)
            else:
                failed.append(f'{where}: custom_imports: {name!r} cannot be imported: {_advised(name, error, where)}')
    if failed:
        raise ExportError(*failed)
    return passed


def _advised(name: str, error: BaseException, config: str) -> str:
    """What failed, and what to do about it."""
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
    """The modules that registries of failed look-ups are filled by, and whose import fails, with the reasons.

    mmengine goes on where the package of a scope, its registries, or a location of theirs cannot be imported, and says
    later that it does not know a type. What failed to be imported fails again, in the same way.
    """
    reasons = {name: reason for name in _filling(events) if (reason := _imported(name))}
    # A package that fails makes each of its modules fail for the same reason.
    return {name: reason for reason, name in {reason: name for name, reason in reversed(reasons.items())}.items()}


def _filling(events: Iterable[LiveEvent]) -> Iterator[str]:
    """The modules that mmengine imports, or should have imported, for look-ups that failed."""
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
    """Why a module that is there cannot be imported, or nothing."""
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:  # The module's own code runs here: it can raise anything.
        return '' if misses_itself(error, name) else import_failure(error)
    return ''


def advice_lines(failed: Mapping[str, str]) -> list[str]:
    """One line for each module whose import failed."""
    return [f'  {name} cannot be imported: {reason}' for name, reason in failed.items()]
