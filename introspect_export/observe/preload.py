"""Preloading of the modules that configs of a scope import, for many observations in forks of one process.

The same is recorded as while observing, so that a config observed afterwards, in a fork of this process, has the same
facts as one that imports the libraries itself.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from collections.abc import Mapping

from mmengine.registry import init_default_scope

from introspect_export.load.audit_events import CallStack, files_opened
from introspect_export.load.process_state import preserved
from introspect_export.observe.missing import placeholders
from introspect_export.observe.origin_policy import registry_bindings
from introspect_export.observe.read_files import ReadConfigs, configs_read
from introspect_export.observe.registration_log import watching
from introspect_export.sandbox.network import offline
from introspect_export.sandbox.weights import no_weights

_files: dict[str, tuple[CallStack, ...]] = {}
_configs = ReadConfigs()


def preloaded_files() -> Mapping[str, tuple[CallStack, ...]]:
    """The files that were opened during preloading, each with the call stacks of its openings."""
    return _files


def preloaded_configs() -> ReadConfigs:
    """The config files that were read during preloading."""
    return _configs


def preload(scope: str) -> None:
    """Import the modules that fill a scope's registries, as mmengine does at the first look-up.

    Raises:
        Exception: Whatever the modules raise; observing a config of the scope reports it in full.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(preserved())
        sink = io.StringIO()
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        warnings.simplefilter('ignore')
        stack.enter_context(placeholders())
        stack.enter_context(watching())
        opened, read = stack.enter_context(files_opened()), stack.enter_context(configs_read())
        stack.enter_context(offline())
        stack.enter_context(no_weights())
        init_default_scope(scope)
        importlib.import_module(f'{scope}.registry')
        for registry, _ in registry_bindings().values():
            if registry.scope == scope:
                registry.import_from_location()
        _files.update(opened)
        _configs.update(read)
