"""Import ahead what building the configs of a scope imports, for many observations that share a process.

It is watched as an observation watches it, so that a config that is observed afterwards, in a fork of this process,
gives the facts that it gives where its own building imports the libraries.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from collections.abc import Mapping
from typing import Any

from mmengine.registry import init_default_scope

from introspect_export.load.audit_events import CallStack, files_opened
from introspect_export.load.process_state import preserved
from introspect_export.observe.missing import placeholders
from introspect_export.observe.origin_policy import registry_bindings
from introspect_export.observe.read_files import configs_read
from introspect_export.observe.registration_log import watching
from introspect_export.sandbox.network import offline
from introspect_export.sandbox.weights import no_weights

_files: dict[str, tuple[CallStack, ...]] = {}
_configs: dict[str, Mapping[str, Any]] = {}


def preloaded_files() -> Mapping[str, tuple[CallStack, ...]]:
    """The files that were opened while modules were imported ahead, each with the code that was running."""
    return _files


def preloaded_configs() -> Mapping[str, Mapping[str, Any]]:
    """The config files that were read while modules were imported ahead."""
    return _configs


def preload(scope: str) -> None:
    """Import the modules that fill a scope's registries, as mmengine does when the registries are first asked.

    Raises:
        Exception: Whatever the modules raise; observing a config of the scope says it better.
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
