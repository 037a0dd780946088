"""Classes that no class statement made: the statement that made them is in the package, and makes equal ones."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from introspect_export import export

FILES = {
    'loops/__init__.py': '',
    'loops/registry.py': """
from mmengine.registry import MODELS as ROOT, Registry
MODELS = Registry('model', parent=ROOT, scope='loops', locations=['loops.models'])
TIMERS = Registry('timer', scope='loops', locations=['loops.timers'])
""",
    'loops/timers.py': """
import inspect
import torch.optim.lr_scheduler as library

class Wrapper:
    def __init__(self, length=1):
        self.length = length

    def made(self):
        return [self.kind.__name__, type(self).__name__, self.length, type(self).__module__.rpartition('.')[2]]

def register_all():
    from loops.registry import TIMERS

    def wrapped(kind, name):
        return type(name, (Wrapper,), dict(kind=kind, __module__=__name__))

    names = []
    for name in dir(library):
        kind = getattr(library, name)
        if inspect.isclass(kind) and name.endswith('LR'):
            TIMERS.register_module(name=name, module=wrapped(kind, name))
            names.append(name)
    return names

UNUSED = len('unused')
REGISTERED = register_all()
""",
    'loops/models.py': """
from mmengine.model import BaseModel
from loops.registry import MODELS, TIMERS

class Base(BaseModel):
    def forward(self, inputs, data_samples=None, mode='tensor'):
        return self.timer.made()

for size in (1, 2):
    MODELS.register_module(name=f'Sized{size}', module=type(f'Sized{size}', (Base,), {
        'size': size, '__module__': __name__,
        '__init__': lambda self, timer: (BaseModel.__init__(self), setattr(self, 'timer', TIMERS.build(timer)))[0]}))
""",
    'config.py': """
default_scope = 'loops'
custom_imports = dict(imports=['loops.models', 'loops.timers'], allow_failed_imports=False)
model = dict(type='Sized2', timer=dict(type='StepLR', length=3))
""",
}
SCRIPT = """
import pack
from pack.registry import MODELS
model = MODELS.build(dict(type='Sized2', timer=dict(type='StepLR', length=3)))
print(model.size, *model(None))
"""


@pytest.mark.parametrize('imported_before', [False, True])
def test_classes_registered_from_a_loop(
    small_project: Callable[..., Path], printed: Callable[[Path, str], str], imported_before: bool
) -> None:
    folder = small_project(FILES)
    if imported_before:
        importlib.import_module('loops.models')
        importlib.import_module('loops.timers')
    result = export(folder / 'config.py', folder / 'out', verify=None)
    assert 'IE-NO-SOURCE' not in result.diagnostics_by_code
    (folder / 'loops').rename(folder / 'gone')
    assert printed(folder / 'out', SCRIPT).split() == ['2', 'StepLR', 'StepLR', '3', 'timers']
    assert 'UNUSED' not in (folder / 'out' / 'pack' / 'timers.py').read_text()
