"""Inspection of what a config instantiates: every object, its class, its arguments and the source of each argument."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from mmengine.config import Config

from introspect_export.callable_module import make_callable
from introspect_export.gc_tuning import seldom_collected
from introspect_export.inspect.compose_report import compose
from introspect_export.inspect.config_statements import read_settings
from introspect_export.inspect.findings import Argument, Branch, ClassView, Item
from introspect_export.inspect.inspect_objects import Observed, inspect_model, observe
from introspect_export.inspect.report import Report
from introspect_export.inspect.settings import Settings
from introspect_export.inspect.terminal_text import setting_text
from introspect_export.load import load_config
from introspect_export.model import ExportError
from introspect_export.observe import observe_config
from introspect_export.observe.plain import plain
from introspect_export.observe.raw import is_a

__all__ = [
    'Argument',
    'Branch',
    'ClassView',
    'Item',
    'Observed',
    'Report',
    'inspect',
    'inspect_config',
    'inspect_model',
    'observe',
]


@seldom_collected()
def inspect_config(
    config: Any,
    *,
    options: Mapping[str, Any] | None = None,
    intern: Sequence[str] = (),
    extern: Sequence[str] = (),
    model_only: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Build what a config declares, without data, network or GPU, and report every object.

    Args:
        config: A path, ``repo::path``, an mmengine ``Config`` or a mapping.
        options: Overrides of the config, by dotted key.
        intern: Packages to treat as origin.
        extern: Packages to treat as libraries.
        model_only: Whether to build the model only.
        progress: Called with the name of each step.

    Raises:
        ExportError: The config is invalid, or its model cannot be built.
    """
    loaded = load_config(config, options=options)
    try:
        observation = observe_config(
            loaded, intern=intern, extern=extern, model_only=model_only, objects=True, progress=progress
        )
    except ExportError as error:
        settings = read_settings(loaded, plain(loaded.config._cfg_dict), options or {})
        raise ExportError(*(_located(each, settings) for each in error.problems)) from error
    return compose(observation, read_settings(loaded, observation.config, options or {}))


def _located(problem: str, settings: Settings) -> str:
    """A problem with the file and line of the config path that it begins with, if any."""
    path, colon, rest = problem.partition(': ')
    origin = settings.origin(path) if colon else None
    return f'{path} ({setting_text(origin.setting)}): {rest}' if origin is not None else problem


def _is_config(value: Any) -> bool:
    """Whether a value is a config; models are excluded first, since their class may override ``__class__``."""
    return not is_a(value, torch.nn.Module) and isinstance(value, (str, os.PathLike, Mapping, Config))


def inspect(model_or_config: Any, **options: Any) -> Report:
    """Report what a config builds, or what a live model consists of.

    Args:
        model_or_config: A path, ``repo::path``, an mmengine ``Config``, a mapping, or a built object.
        options: For a config, the arguments of ``inspect_config``; for an object, ``name``.

    Returns:
        The report: print it, query it (``find``, ``methods``, ``why``, ``diff``), or display it in a notebook.
    """
    is_config = _is_config(model_or_config)
    return inspect_config(model_or_config, **options) if is_config else inspect_model(model_or_config, **options)


make_callable(__name__, inspect)
