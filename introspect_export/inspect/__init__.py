"""What a config really instantiates: every object, its class, its arguments and where each of them comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from introspect_export.inspect.compose import compose
from introspect_export.inspect.config_text import read_settings
from introspect_export.inspect.report import Argument, Branch, ClassView, Item, Report
from introspect_export.load import load_config
from introspect_export.observe import observe_config

__all__ = ['Argument', 'Branch', 'ClassView', 'Item', 'Report', 'inspect_config']


def inspect_config(
    config: Any,
    *,
    options: Mapping[str, Any] | None = None,
    intern: Sequence[str] = (),
    extern: Sequence[str] = (),
    model_only: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Build what a config declares, without data, network or GPU, and tell what every object is.

    Args:
        config: A path, ``repo::path``, an mmengine ``Config`` or a mapping.
        options: Overrides of the config, by dotted key.
        intern: Packages to take as origin.
        extern: Packages to take as libraries.
        model_only: Leave everything but the model out.
        progress: Called with a line for every step.

    Raises:
        ExportError: The config is not right, or its model cannot be built.
    """
    loaded = load_config(config, options=options)
    observation = observe_config(
        loaded, intern=intern, extern=extern, model_only=model_only, objects=True, progress=progress
    )
    return compose(observation, read_settings(loaded, observation.config, options or {}))
