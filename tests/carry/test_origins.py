"""Which packages a live model is of, and what its verification claims."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.registry import OPTIMIZERS

from introspect_export import export, verify
from introspect_export.carry import model_origins as origins

LIBRARY = {
    'atelier/__init__.py': """
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .layers import Line, scaled
    from .rest import Unused
else:
    import importlib

    class Lazy(ModuleType):
        homes = {'Line': '.layers', 'scaled': '.layers', 'Unused': '.rest'}

        def __getattr__(self, name):
            if name not in self.homes:
                raise AttributeError(name)
            value = getattr(importlib.import_module(self.homes[name], __name__), name)
            setattr(self, name, value)
            return value

    lazy = Lazy(__name__)
    lazy.__dict__.update(__path__=__path__, __spec__=__spec__, __file__=globals()['__file__'])
    sys.modules[__name__] = lazy
""",
    'atelier/layers.py': """
import logging
from torch import nn


def once(self, text):
    self.debug(text)


logging.Logger.atelier_once = once


class Line(nn.Linear):
    def forward(self, x):
        logging.getLogger('atelier').atelier_once('')
        return scaled(super().forward(x))


def scaled(x):
    return x * 2
""",
    'atelier/rest.py': 'class Unused:\n    pass\n',
    'atelier/net.py': """
import importlib
from torch import nn
from . import Line


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = Line(3, 3)

    def forward(self, x):
        return self.line(x)

    def twice(self, x):
        from . import scaled
        return scaled(self(x))

    def by_name(self):
        return importlib.import_module('atelier.layers').scaled

    def saved(self, file):
        from .storing import store
        return store(self, file)
""",
    'atelier/storing.py': """
import a_package_that_nobody_has


def store(model, file):
    a_package_that_nobody_has.write(model, file)
""",
}

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def net(small_project: Write) -> Any:
    """A model of a library whose package imports its names on demand."""
    small_project(LIBRARY)
    torch.manual_seed(0)
    return importlib.import_module('atelier.net').Net().eval()


def test_a_package_is_what_it_does_itself(net: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """That mmengine registers a class of it makes it no part of the framework; holding mmengine's registry does."""
    monkeypatch.setattr(origins, 'is_installed', lambda top: True)
    OPTIMIZERS.register_module('AtelierLine', module=type(net.line))
    try:
        assert origins.model_origins(torch.nn.Sequential(net)) == ('atelier',)
        monkeypatch.setattr(importlib.import_module('atelier.layers'), 'OPTIMIZERS', OPTIMIZERS, raising=False)
        mixed = torch.nn.Sequential(net, _of('elsewhere'))
        assert origins.model_origins(mixed) == ('elsewhere',)
        assert origins.model_libraries(mixed, ['elsewhere']) == ('atelier',)
        # A model's own package is exported whatever else it is.
        assert origins.model_origins(net) == origins.model_origins(torch.nn.Sequential(net)) == ('atelier',)
    finally:
        del OPTIMIZERS.module_dict['AtelierLine']


def _of(module: str) -> torch.nn.Module:
    kind: Any = type('Other', (torch.nn.Module,), {'__module__': module})
    made: torch.nn.Module = kind()
    return made


def test_lazy_packages_are_followed_to_what_they_give(
    net: Any, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    given = [torch.randn(2, 3)]
    result = export(net, tmp_path / 'out')
    assert result.ok and result.verification is not None
    (note,) = result.verification.notes
    assert note.startswith('pack/storing.py cannot be imported here, nor can atelier.storing')
    code = {file.stem: file.read_text() for file in (tmp_path / 'out' / 'pack').glob('*.py')}
    assert 'rest' not in code and 'package_atelier' not in code
    told = 'model.twice(given[0]).tolist(), model.by_name().__module__'
    answer = elsewhere(tmp_path / 'out', given, told=told)
    same(net, given, answer)
    assert answer.told == (net.twice(given[0]).tolist(), 'pack.layers')


def test_what_was_not_blocked_is_said_and_what_nobody_said_is_no_success(net: Any, tmp_path: Path) -> None:
    result = export(net, tmp_path / 'out', extern=['atelier'])
    assert result.ok and result.verification is not None
    assert result.verification.notes == ('atelier could be imported: classes of the model are of there',)
    manifest = tmp_path / 'out' / 'manifest.json'
    content = json.loads(manifest.read_text())
    assert content['libraries'] == ['atelier']
    manifest.write_text(json.dumps({**content, 'libraries': []}))
    problems = verify(tmp_path / 'out').problems
    assert len(problems) == 1 and 'come from packages that could be imported' in problems[0]
    assert 'atelier.' in problems[0]
