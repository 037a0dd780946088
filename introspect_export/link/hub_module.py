"""The module ``pack/config_hub.py``, which replaces ``mmengine.hub`` for the configs in the package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard

from introspect_export.link.files_module import table_text
from introspect_export.link.registry_plan import SCOPE
from introspect_export.model.liveset import Library, Target
from introspect_export.model.observation import HubConfig

HOME = 'config_hub'
_MODULES = ('mmengine.hub', 'mmengine.hub.hub')
_FUNCTIONS = ('get_config', 'get_model')

_TEXT = '''"""Configs and models by name, as ``mmengine.hub`` gives them; those that were used are in this package."""

import os

from mmengine import hub
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import load_checkpoint

# By name: the file, the scope behind the name of this package, and the address of the weights.
_CONFIGS = {configs}


def get_config(cfg_path, pretrained=False):
    """Return a config of this package by the name that the original knows it by; any other one from the hub."""
    file, _, weights = _CONFIGS.get(cfg_path, ('', '', ''))
    if not file or (pretrained and not weights):
        return hub.get_config(cfg_path, pretrained)
    cfg = Config.fromfile(os.path.join(os.path.dirname(os.path.abspath(__file__)), *file.split('/')))
    if pretrained:
        cfg.model_path = weights
    return cfg


def get_model(cfg_path, pretrained=False, **kwargs):
    """Build the model of such a config; any other one by the hub."""
    if cfg_path not in _CONFIGS:
        return hub.get_model(cfg_path, pretrained, **kwargs)
    with DefaultScope.overwrite_default_scope(__package__ + _CONFIGS[cfg_path][1]):
        cfg = get_config(cfg_path, pretrained)
        if 'data_preprocessor' in cfg:
            cfg.model.data_preprocessor = cfg.data_preprocessor
        model = MODELS.build(cfg.model, default_args=kwargs)
        if pretrained:
            load_checkpoint(model, cfg.model_path)
            # The runner must not initialize it again.
            model._is_init = True
        return model
'''


def is_of_hub(target: Target) -> TypeGuard[Library]:
    """Whether a target is a function of ``mmengine.hub`` that ``pack/config_hub.py`` replaces."""
    return isinstance(target, Library) and target.module in _MODULES and target.attribute in _FUNCTIONS


def hub_text(configs: Mapping[str, HubConfig], places: Mapping[str, str], scope_text: Callable[[str], str]) -> str:
    """Return the text of ``pack/config_hub.py``.

    Args:
        configs: The configs that ``mmengine.hub`` returned, by name.
        places: The copied files, by their path relative to the output folder.
        scope_text: Returns the scope in the package for an origin's scope.
    """
    inside = {file: path.partition('/')[2] for path, file in places.items()}
    rows = {
        name: (inside[one.file], scope_text(one.scope).removeprefix(SCOPE), one.weights)
        for name, one in configs.items()
        if one.file in inside
    }
    return _TEXT.format(configs=table_text(rows))
