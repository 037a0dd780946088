"""Classes whose metaclass answers for them, and objects that answer for themselves: exporting runs none of that.

What frameworks and pickling do with such objects is theirs: it is taken down who makes a hook run, and this program,
or a function of Python's that it calls, must not be among them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import introspect_export
from introspect_export import ExportError, export

PROJECT = """
import sys
from collections import OrderedDict
from types import ModuleType
from torch import nn
from mmengine.hooks import Hook
from mmengine.registry import DATASETS as ROOT_DATASETS, HOOKS as ROOT_HOOKS, MODELS as ROOT, Registry

RAN = []
MODELS = Registry('model', parent=ROOT, scope='spied_birds')
DATASETS = Registry('dataset', parent=ROOT_DATASETS, scope='spied_birds')
HOOKS = Registry('hook', parent=ROOT_HOOKS, scope='spied_birds')
STOOD = ('pickle', 'dill', 'copyreg', 'copy')


def note(hook):
    '''Take down who makes a hook run, if this program does, by itself or by a function of Python's.'''
    frame = sys._getframe(2)
    while frame is not None:
        top = frame.f_globals.get('__name__', '').partition('.')[0]
        if top == 'introspect_export':
            RAN.append(f'{hook} {frame.f_code.co_filename}:{frame.f_lineno}')
        if top == 'introspect_export' or top in STOOD or top not in sys.stdlib_module_names:
            return
        frame = frame.f_back


def hook(name, base):
    def ran(self, *args):
        note(name)
        inner = getattr(base, name, None)
        if inner is None:
            raise AttributeError(*args)
        return inner(self, *args)
    return ran


def shown(name, base):
    def ran(self):
        note(name)
        return vars(base)[name].__get__(self)
    return property(ran)


Meta = type('Meta', (type,), {
    **{each: hook(each, type) for each in (
        '__getattr__', '__eq__', '__hash__', '__len__', '__iter__', '__contains__',
        '__instancecheck__', '__subclasscheck__', '__dir__', '__repr__', 'keys', 'items')},
    **{each: shown(each, type) for each in ('__mro__', '__bases__', '__dict__', '__name__')},
    '__bool__': lambda self: note('__bool__') or True,
    '__class__': property(lambda self: note('__class__') or Meta),
})


def hooked(name, base):
    body = {each: hook(each, base) for each in (
        '__getattr__', '__eq__', '__iter__', '__contains__', '__dir__', '__repr__', 'keys', 'items', 'values', 'get',
        '__str__', '__format__', '__getitem__')}
    body['__hash__'] = lambda self: note('__hash__') or id(self)
    body['__bool__'] = lambda self: note('__bool__') or True
    body['__len__'] = lambda self: note('__len__') or 1
    body['__class__'] = property(lambda self: note('__class__') or made)
    made = Meta(name, (base,), {**body, '__module__': __name__})
    return made


Proxy = hooked('Proxy', object)
Table = hooked('Table', dict)
List = hooked('List', list)
Tuple = hooked('Tuple', tuple)


class Lazy(ModuleType):
    pass


Lazy.__getattr__ = hook('__getattr__', ModuleType)
lazy = Lazy('lazy')
proxy = Proxy()
table = Table(one=Proxy, two=proxy)
KINDS = [Proxy, table, List([proxy]), Tuple((Proxy,))]


def pick(kind=Proxy, value=proxy):
    return kind, value, lazy


class Tagged(metaclass=Meta):
    '''Something in a class that is told its name and gets attributes.'''

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return self


class Bird(nn.Module, metaclass=Meta):
    tag = Tagged()
    label = proxy
    kinds = KINDS

    def __init__(self, wing=None, value=proxy, data_preprocessor=None):
        super().__init__()
        self.wing = MODELS.build(wing) if type(wing) is not type(None) else None
        self.held = [proxy, table, KINDS]
        self.table = table

    def walk(self):
        return [isinstance(each, (Proxy, Bird)) for each in KINDS], pick()

    def forward(self, x):
        return x


class Finch(Bird):
    pass


class Wing(nn.Module, metaclass=Meta):
    def __init__(self, length=3, rest=proxy):
        super().__init__()
        self.rest = rest
        self.pair = Tuple((rest, Table))

    def forward(self, x):
        return x


class Nest(metaclass=Meta):
    METAINFO = table

    def __init__(self, lazy_init=False, rest=proxy):
        self.rest = rest

    def __len__(self):  # Whoever makes a sampler asks for it.
        return 3

    def __getitem__(self, index):
        return index


class Watch(Hook, metaclass=Meta):
    def __init__(self, rest=proxy):
        self.rest = [rest, table]


for registry, each in ((MODELS, Finch), (MODELS, Wing), (DATASETS, Nest), (HOOKS, Watch)):
    registry.module_dict[type.__dict__['__name__'].__get__(each)] = each
"""

CONFIG = """
default_scope = 'spied_birds'
custom_imports = dict(imports=['spied_birds'])
model = dict(type='Finch', wing=dict(type='Wing', length=2))
train_dataloader = dict(batch_size=1, dataset=dict(type='Nest'), sampler=dict(type='DefaultSampler', shuffle=False))
custom_hooks = [dict(type='Watch')]
"""


@pytest.fixture
def spied(small_project: Callable[[Any], Path]) -> Any:
    small_project({'spied_birds.py': PROJECT, 'cfg.py': CONFIG, 'wrong.py': CONFIG.replace('length', 'lenght')})
    module = importlib.import_module('spied_birds')
    module.RAN.clear()
    return module


def test_exporting_a_config(spied: Any, tmp_path: Path) -> None:
    result = export(tmp_path / 'cfg.py', tmp_path / 'out', verify=None)
    assert spied.RAN == []
    packed = (tmp_path / 'out' / 'pack' / 'spied_birds.py').read_text()
    assert all(f'class {name}' in packed for name in ('Finch', 'Wing', 'Nest', 'Watch', 'Tagged')) and result.symbols


def test_a_config_that_cannot_be_built(spied: Any, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Wing takes no argument 'lenght'; did you mean length"):
        export(tmp_path / 'wrong.py', tmp_path / 'out', verify=None)
    assert spied.RAN == []


def test_exporting_and_describing_a_live_model(spied: Any, tmp_path: Path) -> None:
    model = spied.Finch({'type': 'Wing'})
    spied.RAN.clear()
    export(model, tmp_path / 'out', verify=None)
    assert spied.RAN == []
    report = introspect_export.inspect(model)
    assert spied.RAN == []
    assert 'Wing' in str(report)
