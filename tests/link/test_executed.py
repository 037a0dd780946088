"""What importing a module does besides defining names, read from its text."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from introspect_export.link.effects import Executed
from introspect_export.link.executed import Execution
from introspect_export.link.executed_names import KnownNames
from introspect_export.link.inspected import inspected
from introspect_export.link.names import PackageNames
from introspect_export.model.observation import Binding
from introspect_export.model.package import Layout

OTHERS = {
    'tables': 'kinds = {}\n\ndef kind(name):\n    def put(cls):\n        kinds[name] = cls\n        return cls\n'
    '    return put\n\ndef plain(cls):\n    return cls\n\ndef mark(key):\n    def put(cls):\n'
    '        cls.key = key\n        return cls\n'
    '    return put\n\ndef reads(key):\n    return kinds[key]\n',
    'wraps': 'import functools\n\ndef weighted(function):\n    @functools.wraps(function)\n    def inner(x):\n'
    '        kept = function(x)\n        return kept\n    return inner\n\ndef at_once(function):\n    function(1)\n'
    '    return function\n',
    'helpers': 'from .registry import MODELS, OPS\n\ndef build(cfg):\n    return MODELS.build(cfg)\n'
    '\ndef register_all(things):\n    names = []\n    for thing in things:\n'
    '        OPS.register_module(module=thing)\n        names.append(thing.__name__)\n    return names\n',
    'bases': 'class Noted:\n    def __init_subclass__(cls):\n        pass\n\nclass Plain(Noted):\n    pass\n'
    '\nclass Free:\n    def __init__(self):\n        self.x = 1\n',
    'sub.names': 'X = 1\n',
    'either': 'try:\n    from .wraps import at_once as mark\nexcept ImportError:\n'
    '    from .tables import plain as mark\n',
    'asking': 'from .registry import MODELS\n\nclass Asks:\n    def go(self):\n        return MODELS.build({})\n',
}


class _World:
    """Knows one registry of a library."""

    def binding(self, module: str, name: str) -> Binding | None:
        known = (module, name) == ('mmengine.registry', 'HOOKS')
        return Binding('registry', None, False) if known else None

    def source(self, module: str) -> tuple[str, bool] | None:
        """The file of an installed library's module."""
        spec = importlib.util.find_spec(module) if module.startswith('mm') else None
        return (str(spec.origin), bool(spec.submodule_search_locations)) if spec is not None else None


def _known(text: str) -> KnownNames:
    world: Any = _World()
    layout = Layout({}, frozenset({'', 'sub'}))
    return KnownNames(PackageNames({**OTHERS, 'it': text}, layout, world), frozenset({'MODELS', 'OPS'}), world)


def executed(text: str) -> Executed:
    """What executing a module of some text does."""
    return Execution(_known(text)).module('it')


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
    'its own class': 'class A:\n    pass\n\nA.alias = A.__init__\n',
    'what a class is marked with': 'from .bases import Free\n\n@Free.register\nclass A:\n    pass\n',
    'its own helper': 'def _make():\n    result = {}\n    result["a"] = 1\n    result.update(b=2)\n    return result\n'
    '\nT = _make()\n',
    'a check of a class': 'from .asking import Asks\nX = issubclass(int, Asks)\n',
    'an ordinary base': 'from .bases import Free\n\nclass A(Free):\n    pass\n',
    "a library's decorator that wraps": 'from mmengine.dist import master_only\n\n@master_only\ndef go():\n    pass\n',
    'what a decorator does to what it decorates': 'from .tables import mark\n\n@mark(1)\nclass A:\n    pass\n',
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
    assert executed(text) == Executed()


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
    assert executed(f'from .registry import MODELS, OPS\n{text}') == Executed(registers, forces)


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
    assert inspected(_known(text)) == found
