"""What acts when a class is made: metaclasses, and members that are told their names."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class

MakeModule = Callable[[str, str], ModuleType]
Run = Callable[[StandaloneClass], Any]

META = '''
from inspect import signature


class Meta(type):
    def __init__(cls, *args, **kwargs):
        """Every class has a table of its own, and must take a name."""
        cls.table = dict()
        parameters = signature(cls).parameters
        if 'name' not in parameters:
            raise TypeError(f'{cls} takes no name')
        assert isinstance(cls.kinds, set), cls.kinds
        super().__init__(*args, **kwargs)


class Root(metaclass=Meta):
    kinds = {1}

    def __init__(self, name):
        type(self).table[name] = self


class Leaf(Root):
    kinds = Root.kinds | {2}
'''


def test_a_metaclass_that_sees_attributes_only(make: MakeModule, run: Run) -> None:
    module = make('making', META)
    result = flatten_class(module.Leaf)
    assert [each.qualname for each in result.merged] == ['Root']
    flat = run(result)
    assert type(flat) is module.Meta
    assert flat.kinds == {1, 2}
    made = flat('x')
    assert flat.table == {'x': made}
    assert flat.table is not module.Leaf.table


@pytest.mark.parametrize(
    'does',
    [
        'cls.parents = cls.__bases__',
        'known.append(cls)',
        'cls.more()',
        'cls.table = dict(cls.table) if hasattr(cls, "table") else dict()',
        'cls.name = args[0]',
        'if cls.kinds:\n            cls.extra = 1',
        'for each in cls.kinds:\n            pass',
        'global known',
        'other = lambda: cls',
        'type.__setattr__(cls, "x", 1)',
    ],
)
def test_a_metaclass_that_may_see_more(make: MakeModule, does: str) -> None:
    text = META.replace('cls.table = dict()', f'{does}\n        cls.table = dict()')
    text = text.replace('kinds = {1}', 'kinds = {1}\n    more = classmethod(id)').replace(
        '\n\n\n', '\nknown = []\n\n\n', 1
    )
    result = flatten_class(make('making_more', text).Leaf)
    assert not result.merged
    assert 'IE-LIN-METACLASS' in {each.code for each in result.diagnostics}


def test_a_metaclass_that_replaces_a_member(make: MakeModule) -> None:
    text = META.replace('class Root(metaclass=Meta):', 'class Root(metaclass=Meta):\n    table = 1')
    result = flatten_class(make('making_table', text).Leaf)
    assert {each.code for each in result.diagnostics} == {'IE-LIN-METACLASS'}


TOLD = """
class told:
    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = f'<{name}>'
        if not hasattr(owner, 'names'):
            setattr(owner, 'names', [])
        owner.names.append(name)

    def __get__(self, instance, owner):
        return lambda: (self.name, self.function(instance))


class Root:
    @told
    def f(self):
        return 1

    @told
    def g(self):
        return 2
"""


def test_members_that_are_told_their_names(make: MakeModule, run: Run) -> None:
    leaf = make('told_names', TOLD + '\n\nclass Leaf(Root):\n    x = 1\n').Leaf
    flat = run(flatten_class(leaf))
    assert flat.__bases__ == (object,)
    assert (flat().f(), flat().g()) == (leaf().f(), leaf().g()) == (('<f>', 1), ('<g>', 2))
    assert flat.names == leaf.names == ['f', 'g']


@pytest.mark.parametrize(
    'classes',
    [
        # The list that the class finds is its parent's, which has names of others too, or the same name twice.
        'class Leaf(Root):\n    @told\n    def h(self):\n        return 3\n',
        'class Other(Root):\n    @told\n    def h(self):\n        return 3\n\n\nclass Leaf(Root):\n    x = 1\n',
        'class Leaf(Root):\n    @told\n    def f(self):\n        return 3\n',
        'class Plain:\n    x = 1\n\n\nclass Leaf(Plain):\n    f = told(len)\n\n\nclass Sub(Leaf):\n    g = told(len)\n',
    ],
)
def test_a_list_that_others_have_changed(make: MakeModule, classes: str) -> None:
    result = flatten_class(make('told_twice', f'{TOLD}\n\n{classes}').Leaf)
    assert {each.code for each in result.diagnostics} == {'IE-LIN-CLASS-STATE'}


@pytest.mark.parametrize(
    'does',
    ['self.owner = owner', 'owner.count = 1', 'table[name] = self', 'self.name = name; owner.names.append(self)'],
)
def test_members_that_do_more_with_their_class(make: MakeModule, does: str) -> None:
    text = TOLD.replace("self.name = f'<{name}>'", f'self.name = name\n        {does}').replace(
        'class told', 'table = {}\nclass told'
    )
    text = text.replace('class Root:', 'class Root:\n    names = []\n')
    result = flatten_class(make('told_more', f'{text}\n\nclass Leaf(Root):\n    x = 1\n').Leaf)
    assert 'IE-LIN-DESCRIPTOR' in {each.code for each in result.diagnostics}


def test_a_told_member_behind_super_keeps_its_name(make: MakeModule) -> None:
    text = f'{TOLD}\n\nclass Leaf(Root):\n    def f(self):\n        return super().f()\n'
    result = flatten_class(make('told_super', text).Leaf)
    assert 'IE-LIN-DESCRIPTOR' in {each.code for each in result.diagnostics}


HIDDEN = """
class Root:
    keys = set()


class Leaf(Root):
    keys = {1}

    def add(self, key):
        self.keys.add(key)
"""


def test_what_the_class_hides_may_be_filled(make: MakeModule, run: Run) -> None:
    flat = run(flatten_class(make('hidden_state', HIDDEN).Leaf))
    flat().add(2)
    assert flat.keys == {1, 2}


FRESH = """
import itertools

NUMBERS = itertools.count()


class Back:
    def call(self, x):
        return self._owner.back(x)


class Meta(type):
    def __init__(cls, name, bases, namespace):
        made = type(name + 'Back', (Back,), {'_owner': cls})
        made.number = next(NUMBERS)
        cls.table = {'name': f'<{name}>'}
        cls.made = made
        super().__init__(name, bases, namespace)


class Root(metaclass=Meta):
    def back(x):
        return ['Root', x]


class Leaf(Root):
    y = 1
"""


def test_a_metaclass_that_makes_a_class_for_each(make: MakeModule, run: Run) -> None:
    module = make('making_fresh', FRESH)
    result = flatten_class(module.Leaf)
    assert [each.qualname for each in result.merged] == ['Root']
    flat = run(result)
    assert flat.made().call(1) == module.Leaf.made().call(1) == ['Root', 1]
    assert (flat.made._owner, module.Leaf.made._owner) == (flat, module.Leaf)
    assert flat.made.__name__ == module.Leaf.made.__name__ == 'LeafBack'
    assert flat.made.number != module.Leaf.made.number
    assert flat.table == module.Leaf.table == {'name': '<Leaf>'}


@pytest.mark.parametrize(
    ('does', 'other'),
    [
        ("{'_owner': cls}", "{'_owner': cls, 'parents': cls.__bases__}"),
        ("{'_owner': cls}", "{'_owner': bases}"),
        ("{'_owner': cls}", "{'__call__': cls}"),
        ("{'_owner': cls}", "{'value': cls.back}"),
        ('(Back,)', '(Back, *bases[1:])'),
        ('(Back,)', '(Back,) if bases else ()'),
        ('itertools.count()', 'iter([1, 2, 3])'),
        ('made.number = next(NUMBERS)', 'made.__bases__ = (cls,)'),
        ('made.number = next(NUMBERS)', 'made = cls'),
        ('    def call', '    def __init_subclass__(cls):\n        print(cls)\n\n    def call'),
        ('class Back:', 'class Back(metaclass=type("M", (type,), {})):'),
        ('class Meta(type):', 'class Meta(type):\n    def __set_name__(cls, owner, name):\n        pass\n'),
        ('super().__init__(name, bases', 'super().__init__(bases, name'),
    ],
)
def test_a_metaclass_that_tells_a_class_more(make: MakeModule, does: str, other: str) -> None:
    text = FRESH.replace(does, other)
    assert text != FRESH
    result = flatten_class(make('making_fresh_more', text).Leaf)
    assert not result.merged
    assert 'IE-LIN-METACLASS' in {each.code for each in result.diagnostics}


AUTOGRAD = """
import torch


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 + x


class Leaf(Twice):
    @staticmethod
    def forward(ctx, x):
        return Twice.forward(ctx, x) + 1
"""


def test_autograd_functions(make: MakeModule, run: Run) -> None:
    module = make('making_autograd', AUTOGRAD)
    flat = run(flatten_class(module.Leaf))
    assert flat.__bases__ == (torch.autograd.Function,)

    def values(cls: Any) -> list[Any]:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = cls.apply(x)
        y.sum().backward()
        return [y.tolist(), x.grad.tolist(), type(y.grad_fn).__name__]

    assert values(flat) == values(module.Leaf) == [[3.0, 5.0], [3.0, 4.0], 'LeafBackward']
