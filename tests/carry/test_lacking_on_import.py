"""Code that runs when the package is imported, and asks a module for names that it makes up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import export

FILES = {
    '__init__.py': '',
    'families/__init__.py': '',
    'families/red/__init__.py': """
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import InnerSettings, NetSettings, UnusedSettings


def __getattr__(name):
    if not name.endswith('Settings'):
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module('.settings', __name__), name)
""",
    'families/red/settings.py': """
class NetSettings:
    text = 'a net'


class InnerSettings:
    text = 'an inner one'


class UnusedSettings:
    text = 'unused'
""",
    'documents.py': """
import importlib


def documented(family):
    def document(cls):
        settings = importlib.import_module('.' + family, 'atlas_lacking.families')
        cls.__doc__ = getattr(settings, f'{cls.__name__}Settings').text
        return cls

    return document
""",
    'net.py': """
from torch import nn

from .documents import documented
from .families.red.settings import InnerSettings


@documented('red')
class Inner(nn.Linear):
    settings = InnerSettings


@documented('red')
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner(3, 3)

    def forward(self, x):
        return self.inner(x)
""",
}


@pytest.fixture
def model(net_of: Callable[[str, Mapping[str, str]], torch.nn.Module]) -> torch.nn.Module:
    return net_of('atlas_lacking', FILES)


def test_what_importing_the_package_lacks_is_added(
    model: torch.nn.Module, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    inputs = [torch.randn(2, 3)]
    result = export(model, tmp_path / 'out', verify='build')
    assert result.ok, result.verification
    answer = elsewhere(tmp_path / 'out', inputs, ('atlas_lacking',), '(model.__doc__, model.inner.__doc__)')
    same(model, inputs, answer)
    assert answer.told == ('a net', 'an inner one')
    assert 'UnusedSettings' not in (tmp_path / 'out' / 'pack' / 'families' / 'red' / 'settings.py').read_text()


def test_an_attribute_that_the_original_does_not_have_is_reported(model: torch.nn.Module, tmp_path: Path) -> None:
    file = tmp_path / 'atlas_lacking' / 'families' / 'red' / 'settings.py'
    file.write_text(file.read_text().replace('NetSettings', 'OldSettings'))
    result = export(model, tmp_path / 'out', verify='build')
    assert not result.ok
    assert result.verification is not None
    assert result.verification.lacking == ('pack.families.red', 'NetSettings')
