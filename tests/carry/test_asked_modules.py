"""Functions that import a package and ask it, by names in a table, for modules that it imports on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import ExportError, export

FILES = {
    '__init__.py': '',
    'tables/__init__.py': """
import importlib


def __getattr__(name):
    if name not in ('sizes', 'colours', 'shapes'):
        raise AttributeError(name)
    return importlib.import_module('.' + name, __name__)
""",
    'tables/sizes.py': """
SIZES = {'Net': 'three', 'Other': 'four'}
UNUSED_SIZES = {'Net': 'seven'}
""",
    'tables/colours.py': """
from .paints import COLOURS, UNUSED_PAINT


class UnusedColour:
    pass
""",
    'tables/paints.py': """
COLOURS = {'Net': 'red'}
UNUSED_PAINT = 'blue'
""",
    'tables/shapes.py': "SHAPES = {'Net': 'round'}\n",
    'documents.py': """
PLACES = {'size': ('sizes', 'SIZES'), 'colour': ('colours', 'COLOURS')}


def size_of(cls):
    from . import tables as every

    return getattr(getattr(every, PLACES['size'][0]), PLACES['size'][1])[cls.__name__]


def documented(cls):
    from atlas_asked import tables

    told = [getattr(getattr(tables, PLACES[each][0]), PLACES[each][1])[cls.__name__] for each in sorted(PLACES)]
    cls.__doc__ = f'{size_of(cls)}: {" ".join(told)}'
    return cls
""",
    'families/__init__.py': '',
    'families/red/__init__.py': """
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .paint import *


def __getattr__(name):
    if name != 'Red':
        raise AttributeError(name)
    return importlib.import_module('.paint', __name__).Red
""",
    'families/red/paint.py': """
__all__ = ['Red']


class Red:
    family = 'red'


def helper():
    return Red
""",
    'marks.py': """
class Mark:
    pass
""",
    'net.py': """
from __future__ import annotations

import functools
import importlib
import typing

from torch import nn

from .documents import documented
from .families.red.paint import Red, helper
from .marks import Mark


def member(family, name):
    found = importlib.import_module('.' + family, 'atlas_asked.families')
    return getattr(found, name, None)


class Counted(nn.Module):
    calls = 0
    mark: Mark | None = None

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.hinted = sorted(typing.get_type_hints(cls))
        forward = cls.forward

        @functools.wraps(forward)
        def counted(self, x):
            self.calls += 1
            return forward(self, x)

        cls.forward = counted


@documented
class Net(Counted):
    def __init__(self):
        super().__init__()
        self.scale = nn.Linear(3, 3)
        self.red = helper()

    def ask(self, name):
        return member(Red.family, name)

    def forward(self, x):
        return self.scale(x)
""",
}


@pytest.fixture
def model(net_of: Callable[[str, Mapping[str, str]], torch.nn.Module]) -> torch.nn.Module:
    return net_of('atlas_asked', FILES)


def test_only_what_a_package_is_asked_for_comes_along(
    model: torch.nn.Module, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    """The table names two modules and a global of each, imported by one of them; annotations can be evaluated."""
    inputs = [torch.randn(2, 3)]
    result = export(model, tmp_path / 'out', verify='build')
    assert result.ok
    answer = elsewhere(
        tmp_path / 'out',
        inputs,
        ('atlas_asked',),
        '(model.__doc__, model.calls, model.hinted, model.ask("Red") is model.red, model.ask("helper"))',
    )
    same(model, inputs, answer)
    assert answer.told[:2] == ('three: red three', 1)
    assert 'mark' in answer.told[2]
    assert answer.told[3:] == (True, None)
    tables = tmp_path / 'out' / 'pack' / 'tables'
    assert sorted(each.name for each in tables.glob('*.py')) == ['__init__.py', 'colours.py', 'paints.py', 'sizes.py']
    assert 'unused' not in ''.join(each.read_text() for each in tables.glob('*.py')).lower()


def test_a_member_that_was_replaced_below_what_a_base_wraps_is_a_change(model: torch.nn.Module, tmp_path: Path) -> None:
    """What the wrapper calls must be what the class statement says."""
    code: Any = type(model).forward
    inner = next(each for each in code.__closure__ if getattr(each.cell_contents, '__name__', '') == 'forward')
    inner.cell_contents = lambda self, x: x
    with pytest.raises(ExportError, match=r'IE-CHANGED .*Net\.forward'):
        export(model, tmp_path / 'out', verify=None)
