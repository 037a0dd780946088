"""The steps that both roles do; each leaves a file that is compared with the other's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .code import code
from .config_file import config
from .data import data
from .evaluate import evaluate
from .forward import forward
from .objects import objects
from .side import Side
from .state import load, state
from .tiny import tiny
from .train import train

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
