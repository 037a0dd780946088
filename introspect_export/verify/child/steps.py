"""The steps that the roles can run, by name; the results of both roles are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .code_facts import code
from .config_file import config
from .dataset_samples import data
from .evaluation import evaluate
from .model_outputs import forward
from .model_state import load, state
from .role_objects import Side
from .section_objects import objects
from .tiny_inputs import tiny
from .training_steps import train

STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    'config': config,
    'state': state,
    'load': load,
    'tiny': tiny,
    'code': code,
    'data': data,
    'objects': objects,
    'forward': forward,
    'train': train,
    'evaluate': evaluate,
}

__all__ = ['STEPS', 'Side']
