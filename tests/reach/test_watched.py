"""Functions that look at a method resolution order: who hands them what decides which chains are left standing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import Small, small

TOOLS = """
def collect(cls):
    return [each.__name__ for each in cls.__mro__ if 'size' in vars(each)]


def through(thing):
    return collect(type(thing))
"""
NET = """
from mmengine.model import BaseModule
from NAME.registry import MODELS
from NAME.tools import collect, through


class Part(BaseModule):
    size = 1


class Own(Part):
    size = 2


class Inner(Own):
    size = 3

    def go(self):
        return HANDS


class Parent(BaseModule):
    size = 1

    def go(self):
        return self.inner.go()


@MODELS.register_module()
class Net(Parent):
    size = 2

    def __init__(self):
        super().__init__()
        self.inner = Inner()
"""


def project(tmp_path: Path, hands: str) -> Small:
    return small(tmp_path, {'tools.py': TOOLS, 'net.py': NET.replace('HANDS', hands)})


@pytest.mark.parametrize('hands', ['collect(type(self))', 'through(self)'])
def test_the_class_that_is_handed_over_alone_keeps_its_chain(tmp_path: Path, hands: str) -> None:
    made = project(tmp_path, hands)
    assert 'class Net(BaseModule)' in made.text('net')
    assert 'class Inner(Own)' in made.text('net')
    assert made.run('net.go()') == "['Inner', 'Own', 'Part']"


@pytest.mark.parametrize(
    'hands', ['[collect(type(each)) for each in [self]][0]', 'list(map(collect, [type(self)]))[0]']
)
def test_what_may_be_anything_keeps_all_chains(tmp_path: Path, hands: str) -> None:
    made = project(tmp_path, hands)
    assert 'class Net(Parent)' in made.text('net')
    assert made.run('net.go()') == "['Inner', 'Own', 'Part']"
    assert 'IE-LIN-INTROSPECTION' in made.codes()


SAMPLE = """
import copyreg
from mmengine.structures import BaseDataElement


class Sample(BaseDataElement):
    pass


def rebuild(values):
    return Sample()


def reduce(sample):
    return rebuild, (dict(sample.__dict__),)


copyreg.pickle(Sample, reduce)
"""
USES = """
from mmengine.model import BaseModule
from NAME.registry import MODELS
from NAME.sample import Sample


class Parent(BaseModule):
    def go(self):
        return Sample()


@MODELS.register_module()
class Net(Parent):
    pass
"""


def test_what_is_handed_instances_only_sees_no_class(tmp_path: Path) -> None:
    """``x.__dict__`` in a function that reduces instances of a class for pickling."""
    made = small(tmp_path, {'sample.py': SAMPLE, 'net.py': USES})
    assert 'class Net(BaseModule)' in made.text('net')
    assert 'copyreg.pickle(Sample, reduce)' in made.text('sample')
    assert not made.codes()


LAYERS = """
from mmengine.model import BaseModule
from torch import nn
from NAME.registry import MODELS


class Scaled(nn.Conv2d):
    def extra_repr(self):
        return 'scaled'


class Shifted(Scaled):
    def extra_repr(self):
        return super().extra_repr() + ', shifted'


class Narrow(nn.Linear):
    pass


class Narrower(Narrow):
    def extra_repr(self):
        return 'narrower'


class Parent(BaseModule):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg)
        self.one, self.two, self.three = Scaled(1, 1, 1), Shifted(1, 1, 1), Narrower(1, 1)


@MODELS.register_module()
class Net(Parent):
    def filled(self):
        self.init_weights()
        return [float(each.weight.sum()) == 7 for each in (self.one, self.two, self.three)]
"""


def test_a_class_keeps_the_base_whose_name_an_initializer_compares(tmp_path: Path) -> None:
    """mmengine's initializers of layers called so take what derives from them directly, and nothing further down."""
    init = "dict(type='Constant', val=7, bias=0, layer=['Conv2d', 'ConvTranspose2d'])"
    made = small(tmp_path, {'net.py': LAYERS}, f"dict(type='Net', init_cfg={init})")
    assert made.run('net.filled()') == '[True, False, False]'
    text = made.text('net')
    assert 'class Shifted(Scaled)' in text
    # Nobody compares these names.
    assert 'class Narrower(nn.Linear)' in text
    assert 'class Net(BaseModule)' in text
    (said,) = [each for each in made.result.diagnostics if each.code == 'IE-LIN-INTROSPECTION']
    assert said.subject.endswith(':Shifted')
    assert "compares the names of direct bases with 'Conv2d'" in said.message
    assert said.where.rpartition(':')[0].endswith('weight_init.py')
