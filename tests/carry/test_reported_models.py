"""Public reports about pickling by value, each tried on a small model: what is loaded elsewhere is the same.

The models are in words of our own; `docs/reports_tried.md` has the addresses of the reports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import export

FILES = {
    '__init__.py': '',
    'modes.py': """
import enum


class Mode(enum.Enum):
    TWICE = 2
    THRICE = 3

    @property
    def factor(self):
        return float(self.value)
""",
    'net.py': """
import torch
from torch import nn
from .modes import Mode


class Scale(nn.Module):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode

    def forward(self, x):
        return x * self.mode.factor if self.mode is Mode.TWICE else x


class Names(list):
    def append(self, name):
        super(Names, self).append(name.upper())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = Scale(Mode.TWICE)
        self.shift = nn.Linear(3, 3)
        self.names = Names()
        self.names.append('a')

    def forward(self, x):
        self.names.append('b')
        return self.shift(self.scale(x))
""",
}


@pytest.fixture
def model(net_of: Callable[[str, Mapping[str, str]], torch.nn.Module]) -> torch.nn.Module:
    return net_of('pickled', FILES)


def test_enumerations_and_lists_of_a_class_of_their_own(
    model: torch.nn.Module, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    """The members of an enumeration stay the same objects, and a list whose ``append`` calls its parent's is
    filled as it was."""
    inputs = [torch.randn(2, 3)]
    export(model, tmp_path / 'out', verify='build')
    told = 'list(model.names), type(model.names).__name__, type(model.scale.mode)(2) is model.scale.mode'
    answer = elsewhere(tmp_path / 'out', inputs, ('pickled',), told)
    same(model, inputs, answer)
    assert answer.told == (['A', 'B'], 'Names', True)
