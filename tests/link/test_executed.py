"""What importing a module does besides defining names, read from its text."""

from __future__ import annotations

from typing import Any

import pytest

from introspect_export.link.excerpts import part_texts
from introspect_export.link.import_effects import Effects, Executed
from introspect_export.link.inspected_registries import inspected
from introspect_export.model import Chain, ClassFacts, PartKind, SourceModule, Symbol
from introspect_export.model.liveset import LiveSet
from introspect_export.model.observation import Binding
from introspect_export.reach.name_targets import Names
from introspect_export.read.parts import read_module

OTHERS = {
    '__init__': '',
    'registry': 'MODELS = OPS = None\n',
    'tables': 'kinds = {}\n\ndef kind(name):\n    def put(cls):\n        kinds[name] = cls\n        return cls\n'
    '    return put\n\ndef plain(cls):\n    return cls\n\ndef reads(key):\n    return kinds[key]\n',
    'wraps': 'import functools\n\ndef weighted(function):\n    @functools.wraps(function)\n    def inner(x):\n'
    '        kept = function(x)\n        return kept\n    return inner\n\ndef at_once(function):\n    function(1)\n'
    '    return function\n\ndef asked(function):\n    x = function(1)\n    return function\n'
    '\ndef first(key):\n    def put(function):\n        x = function(key)\n        return function\n    return put\n'
    '\ndef later(key):\n    known = str(key)\n    def put(function):\n        def inner(x):\n            x[known] = 1\n'
    '            return function(x)\n        return inner\n    return put\n',
    'helpers': 'from .registry import MODELS, OPS\n\ndef build(cfg):\n    return MODELS.build(cfg)\n'
    '\ndef register_all(things):\n    return [OPS.register_module(module=thing) for thing in things]\n',
    'bases': 'class Noted:\n    def __init_subclass__(cls):\n        pass\n\nclass Plain(Noted):\n    pass\n'
    '\nclass Free:\n    def __init__(self):\n        self.x = 1\n',
    'either': 'try:\n    from .wraps import at_once as mark\nexcept ImportError:\n'
    '    from .tables import plain as mark\n',
    'asking': 'from .registry import MODELS\n\nclass Asks:\n    def go(self):\n        return MODELS.build({})\n',
}


VARIABLES = {'models': 'MODELS', 'ops': 'OPS'}


class _World:
    """Knows two registries of the package, one of a library, and two classes of which one acts on subclasses."""

    def is_origin(self, module: str) -> bool:
        return module.partition('.')[0] == 'P'

    def binding(self, module: str, name: str) -> Binding | None:
        if (module, name) in (('P.registry', 'MODELS'), ('P.registry', 'OPS')):
            return Binding('registry', None, True, name.lower())
        return Binding('registry', None, False) if (module, name) == ('mmengine.registry', 'HOOKS') else None

    def source(self, module: str) -> tuple[str, bool] | None:
        known = {'P', *(f'P.{name}' for name in OTHERS)}
        return (f'{module}.py', module == 'P') if module in known else None

    def chain(self, symbol: Symbol) -> Chain:
        """Classes of ``P.bases``, which have no bases but of that module."""
        names = ['Plain', 'Noted'] if symbol.name == 'Plain' else [symbol.name]
        kind = Symbol('builtins', 'type')
        return Chain(
            tuple(
                ClassFacts(
                    Symbol('P.bases', name),
                    True,
                    (),
                    kind,
                    {'__init_subclass__': 'classmethod'} if name == 'Noted' else {},
                    frozenset(),
                )
                for name in names
            )
        )


def _live(text: str) -> tuple[LiveSet, Any]:
    """A package in which all is live, with a module ``it`` of some text."""
    world: Any = _World()
    modules = {
        'P' if name == '__init__' else f'P.{name}': _read(name, each) for name, each in {**OTHERS, 'it': text}.items()
    }
    names = Names(world, modules.get)  # type: ignore[arg-type]
    live = LiveSet(
        modules=modules,
        parts={
            name: tuple(part.index for part in module.parts if part.kind is not PartKind.IMPORT)
            for name, module in modules.items()
        },
        reasons={},
        executed={},
        flat={},
        virtual={},
        resolutions={
            (name, use.span.start): names.use(name, use)
            for name, module in modules.items()
            for part in module.parts
            for use in part.uses
        },
        imports={
            (name, each.statement.start, each.name): names.imported(each)
            for name, module in modules.items()
            for part in module.parts
            for each in part.imports
        },
        registries=('models', 'ops'),
        type_strings={},
        scope_strings={},
        modules_by_name={},
        answers={},
        fillers={},
        bound_to_module=(),
        submodules=frozenset(),
        given={},
        on_demand={},
        diagnostics=(),
    )
    return live, world


def _read(name: str, text: str) -> SourceModule:
    full = 'P' if name == '__init__' else f'P.{name}'
    return read_module(full, f'{full}.py', name == '__init__', text)


def executed(text: str) -> Executed:
    """What executing a module of some text does."""
    live, world = _live(text)
    texts = {name: part_texts(module, live) for name, module in live.modules.items()}
    return Effects(texts, live, VARIABLES, world).of_module('P.it')


QUIET = {
    'constants': 'import numpy as np\nA = np.array([1.0])\nB = {"a": A}\nB["c"] = 2\nB.update(d=1)\n'
    'for k in "xy":\n    B[k] = A\n',
    'a class': 'from torch import nn\n\nclass A(nn.Module):\n    kinds = ("a",)\n\n    @property\n    def x(self):\n'
    '        return 1\n\n    @x.setter\n    def x(self, value):\n        STATE.append(value)\n\nSTATE = []\n',
    'optional import': 'try:\n    import thing\nexcept ImportError:\n    thing = None\n',
    'a dataclass': 'from dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: int = 1\n',
    'a method wrapped by a library': 'import torch\n\nclass A:\n    @torch.no_grad()\n    def go(self):\n'
    '        pass\n',
    'a function wrapped by the package': 'from .wraps import weighted\n\n@weighted\ndef loss(x):\n    return x\n',
    'a method wrapped by the package': 'from .wraps import later\n\nclass A:\n    @later("a")\n    def go(self):\n'
    '        self.x["a"] = 1\n',
    'its own class': 'class A:\n    pass\n\nA.alias = A.__init__\n',
    'its own helper': 'def _make():\n    result = {"a": 1}\n    return result\n\nT = _make()\n',
    'a check of a class': 'from .asking import Asks\nX = issubclass(int, Asks)\n',
    'an ordinary base': 'from .bases import Free\n\nclass A(Free):\n    pass\n',
    'annotations': 'from typing import List\nfrom .tables import kinds\n\ndef f(x: List[int], *y: "kinds") -> None:\n'
    '    z: kinds.setdefault("a", 1)\n',
    'annotations that nobody executes': 'from __future__ import annotations\nfrom .tables import kinds\n'
    'x: kinds.setdefault("a", 1)\n\ndef f(x: kinds.setdefault("a", 1)):\n    pass\n',
    'a decorator that changes nothing': 'from .tables import plain\n\n@plain\nclass A:\n    pass\n',
}
ALTERS = {
    'one of two': 'from .either import mark\n\n@mark\ndef f(x):\n    pass\n',
    'a table of another module': 'from .tables import kinds\nkinds["a"] = 1\n',
    'a table by a decorator': 'from .tables import kind\n\n@kind("a")\nclass A:\n    pass\n',
    'a table by its method': 'from .tables import kinds\nX = kinds.setdefault("a", 1)\n',
    'a table through its module': 'from . import tables\ntables.kinds["a"] = 1\n',
    'a table under another name': 'from .tables import kinds\nMINE = kinds\nMINE["a"] = 1\n',
    'a library': 'import torch\ntorch.thing = 1\n',
    'a library by a call': 'import warnings\nwarnings.filterwarnings("ignore")\n',
    'a library by setattr': 'import torch\n_ = setattr(torch, "thing", 1)\n',
    "a library's registry": 'from mmengine.registry import HOOKS\n\n@HOOKS.register_module()\nclass A:\n    pass\n',
    "a library's registry by its module": 'import mmengine.registry as r\nr.HOOKS.register_module(module=int)\n',
    "a library's table by a decorator": 'from lib import register_kind\n\n@register_kind("a")\nclass A:\n    pass\n',
    "a library's table": 'from mmengine.fileio import register_handler\n\n@register_handler("a")\nclass A:\n    pass\n',
    "a library's class that decorates": 'from mmengine.utils import TimerError\n\n@TimerError\ndef go():\n    pass\n',
    'whatever a library does with a class': 'import lib\n\n@lib.put\nclass A:\n    pass\n',
    'what its base does with it': 'from .bases import Plain\n\nclass A(Plain):\n    pass\n',
    'what is called while it is decorated, and its own doing': 'from .tables import kinds\nfrom .wraps import asked\n\n'
    '@asked\ndef go(x):\n    kinds.update(a=1)\n',
    'what another decorator calls': 'from .tables import kinds\nfrom .wraps import first\n\n'
    'class A:\n    @first("a")\n    def go(x):\n        kinds.update(a=1)\n',
    'what is called while it is decorated': 'from .wraps import at_once\n\n@at_once\ndef go(x):\n    pass\n',
    'a block of a library': 'import lib\nwith lib.block():\n    X = 1\n',
    'names made up': 'exec("X = 1")\n',
    'an object of another': 'from .tables import kinds\nkinds |= {"a": 1}\n',
    'in an annotation': 'from .tables import kinds\n\ndef f(*x: kinds.setdefault("a", 1)):\n    pass\n',
    'in what comes back': 'from .tables import kinds\n\ndef f() -> kinds.setdefault("a", 1):\n    pass\n',
    "in a field's annotation": 'from .tables import kinds\n\nclass A:\n    x: kinds.setdefault("a", 1)\n',
    'in a class body': 'from .tables import kinds\n\nclass A:\n    kinds["a"] = 1\n',
    'what another function gave': 'from lib import thing\nX = thing()\nX.y = 1\n',
}


@pytest.mark.parametrize('text', QUIET.values(), ids=QUIET.keys())
def test_what_concerns_the_module_alone_is_shown(text: str) -> None:
    found = executed(text)
    assert (found.registers, found.forces, found.asks, found.alters) == (set(), set(), False, '')


@pytest.mark.parametrize('text', ALTERS.values(), ids=ALTERS.keys())
def test_what_others_may_see_is_found(text: str) -> None:
    assert executed(text).alters


@pytest.mark.parametrize(
    ('text', 'registers', 'forces'),
    [
        ('@MODELS.register_module()\nclass A:\n    pass\n', {'MODELS'}, set()),
        (
            '@MODELS.register_module("a")\n@OPS.register_module(name="b")\nclass A:\n    pass\n',
            {'MODELS', 'OPS'},
            set(),
        ),
        ('import torch\nMODELS.register_module(name="a", module=torch.nn.ReLU)\n', {'MODELS'}, set()),
        ('import torch\nMODELS.register_module()(torch.nn.ReLU)\n', {'MODELS'}, set()),
        ('for x in (int, str):\n    OPS.register_module(module=x)\n', {'OPS'}, set()),
        ('from .helpers import register_all\nNAMES = register_all([int])\n', {'OPS'}, set()),
        ('@MODELS.register_module(force=True)\nclass A:\n    pass\n', {'MODELS'}, {'MODELS'}),
    ],
)
def test_registering_in_the_packages_registries_can_wait(text: str, registers: set[str], forces: set[str]) -> None:
    found = executed(f'from .registry import MODELS, OPS\n{text}')
    assert (found.registers, found.forces, found.asks, found.alters) == (registers, forces, False, '')


@pytest.mark.parametrize(
    'text',
    [
        'from .registry import MODELS\n\nclass A:\n    other = MODELS.get("B")\n',
        'from .registry import MODELS\nB = "B" in MODELS\n',
        'from .helpers import build\nA = build(dict(type="B"))\n',
        'from .helpers import build\nfrom functools import partial\nA = partial(build, {})()\n',
        'from .registry import MODELS\nfrom mmengine.registry import build_from_cfg\nA = build_from_cfg({}, MODELS)\n',
        'from mmengine.registry import HOOKS\nA = HOOKS.get("B")\n',
    ],
)
def test_asking_a_registry_is_found(text: str) -> None:
    assert executed(text).asks


@pytest.mark.parametrize(
    ('text', 'found'),
    [
        (
            'from .registry import MODELS\n\ndef go():\n    return MODELS.build({}), "a" in MODELS, MODELS.scope\n',
            set(),
        ),
        ('from .registry import MODELS\n\ndef go():\n    return MODELS.module_dict\n', {'MODELS'}),
        ('from .registry import MODELS as M\n\ndef go():\n    return len(M)\n', {'MODELS'}),
        ('def go():\n    from .registry import MODELS\n    return len(MODELS)\n', {'MODELS'}),
        ('def go(registry):\n    return registry.module_dict["a"]\n', {'MODELS', 'OPS'}),
        ('from . import registry\n\ndef go():\n    return registry.OPS._module_dict\n', {'OPS'}),
    ],
)
def test_reading_what_a_registry_holds_without_asking_it_is_found(text: str, found: set[str]) -> None:
    live, _ = _live(text)
    texts = part_texts(live.modules['P.it'], live)
    assert {
        name for each in texts for excerpt in each.excerpts for name in inspected(excerpt, live, VARIABLES)
    } == found
