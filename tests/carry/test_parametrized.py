"""Modules whose tensors are computed from others: torch gives each of them a class that no text defines."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from introspect_export import export

FILES = {
    'potters/__init__.py': '',
    'potters/wheel.py': """
import torch
from torch import nn


class Even(nn.Module):
    def forward(self, x):
        return (x + x.flip(0)) / 2


class Clay(nn.Linear):
    '''It has parameters of its own, and says what it consists of.'''

    def __getstate__(self):
        return {**vars(self), 'carried': True}

    def forward(self, x):
        return super().forward(x) * 2


class Pot(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = Clay(4, 4)
        self.rim = nn.Conv1d(1, 1, 3)

    def forward(self, x):
        return self.rim(self.body(x)[:, None])
""",
}


def test_parametrized_modules_are_made_anew(
    small_project: Callable[..., Path], tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    small_project(FILES)
    wheel = importlib.import_module('potters.wheel')
    torch.manual_seed(0)
    model = wheel.Pot()
    parametrizations.weight_norm(model.rim, dim=2)
    for name in ('weight', 'bias'):
        parametrize.register_parametrization(model.body, name, wheel.Even())
    model.twin = copy.deepcopy(model.body)  # One class for both.
    inputs = [torch.randn(2, 4)]
    result = export(model, tmp_path / 'out', verify='build')
    assert result.ok and not result.diagnostics
    told = (
        'type(model.body) is type(model.twin), model.body.carried, type(model.body).__mro__[1].__name__,'
        'torch.nn.utils.parametrize.is_parametrized(model.rim, "weight")'
    )
    answer = elsewhere(tmp_path / 'out', inputs, ('potters', 'mmengine'), told)
    same(model, inputs, answer)
    assert answer.told == (True, True, 'Clay', True)


def test_the_value_is_set_through_the_parametrization(tmp_path: Path, elsewhere: Callable[..., Any]) -> None:
    model = parametrizations.orthogonal(nn.Linear(3, 3))
    export(nn.Sequential(model), tmp_path / 'out', verify=None)
    told = 'setattr(model[0], "weight", torch.eye(3)) or model[0].weight.tolist()'
    assert elsewhere(tmp_path / 'out', [torch.zeros(1, 3)], told=told).told == torch.eye(3).tolist()
