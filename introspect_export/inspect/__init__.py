"""What a config really instantiates: every object, its class, its arguments and where each of them comes from."""

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
    try:
        observation = observe_config(
            loaded, intern=intern, extern=extern, model_only=model_only, objects=True, progress=progress
        )
    except ExportError as error:
        settings = read_settings(loaded, plain(loaded.config._cfg_dict), options or {})
        raise ExportError(*(_located(each, settings) for each in error.problems)) from error
    return compose(observation, read_settings(loaded, observation.config, options or {}))


def _located(problem: str, settings: Settings) -> str:
    """What is wrong, with the file and line where it begins with a config path."""
    path, colon, rest = problem.partition(': ')
    origin = settings.origin(path) if colon else None
    return f'{path} ({setting_text(origin.setting)}): {rest}' if origin is not None else problem


def _is_config(value: Any) -> bool:
    """Whether something is a config; a model may be of a class that answers for itself."""
    return not is_a(value, torch.nn.Module) and isinstance(value, (str, os.PathLike, Mapping, Config))


def inspect(model_or_config: Any, **options: Any) -> Report:
    """Tell what a config builds, or what a live model is made of.

    Args:
        model_or_config: A path, ``repo::path``, an mmengine ``Config``, a mapping, or an object that was built.
        options: For a config, what ``inspect_config`` takes; for an object, ``name``.

    Returns:
        The report: print it, ask it (``find``, ``methods``, ``why``, ``diff``), or let a notebook show it.
    """
    is_config = _is_config(model_or_config)
    return inspect_config(model_or_config, **options) if is_config else inspect_model(model_or_config, **options)


make_callable(__name__, inspect)
