"""Models with classes whose decorators replace members by wrappers around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import ExportError, export

FILES = {
    '__init__.py': '',
    'ways.py': """
import functools


def doubled(x):
    return 2 * x


WAYS = {'double': doubled}


def switchable(cls=None, *, way='none'):
    def wrapper(cls):
        init, forward = cls.__init__, cls.forward

        @functools.wraps(init)
        def __init__(self, *args):
            init(self, *args)
            self.way = way

        @functools.wraps(forward)
        def forward_by_way(self, x):
            return WAYS.get(self.way, lambda value: value)(forward(self, x))

        cls.__init__, cls.forward = __init__, forward_by_way
        return cls

    return wrapper if cls is None else wrapper(cls)
""",
    'net.py': """
from torch import nn

from . import ways
from .ways import switchable


@switchable
class Plain(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.scale = nn.Linear(size, size)

    def forward(self, x):
        return self.scale(x)


@ways.switchable(way='double')
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.plain = Plain(3)

    def forward(self, x):
        return self.plain(x) + 1
""",
}


@pytest.fixture
def model(net_of: Callable[[str, Mapping[str, str]], torch.nn.Module]) -> torch.nn.Module:
    return net_of('atlas_wrapped', FILES)


def test_a_decorator_wraps_them_in_the_package_too(
    model: torch.nn.Module, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    inputs = [torch.randn(2, 3)]
    assert export(model, tmp_path / 'out', verify='build').ok
    answer = elsewhere(tmp_path / 'out', inputs, ('atlas_wrapped',), '(model.way, model.plain.way)')
    same(model, inputs, answer)
    assert answer.told == ('double', 'none')


def test_a_member_that_was_replaced_after_the_decorator_is_a_change(model: torch.nn.Module, tmp_path: Path) -> None:
    kind: Any = type(model)
    kind.forward = lambda self, x: self.plain(x)
    with pytest.raises(ExportError, match=r'IE-CHANGED .*Net\.forward'):
        export(model, tmp_path / 'out', verify=None)
