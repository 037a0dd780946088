"""Classes that are no longer what their statements make: followed where the module says it, else refused."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class
from introspect_export.observe.chains import constant_text

MakeModule = Callable[[str, str], ModuleType]
Run = Callable[[StandaloneClass], Any]

CLASSES = """
class Parent:
    x = 1
    size: int = 2
    sizes = (1, 2)
    table = {{'x': [1, {{2, 3}}]}}

    def f(self):
        return 'Parent'


class Leaf(Parent):
    y = 3

    def g(self):
        return self.x, self.y, self.f()


{after}
"""


@pytest.mark.parametrize(
    ('after', 'code'),
    [
        ('Parent.x = 9', 'IE-LIN-CLASS-STATE'),
        ('def patch():\n    Parent.z = 9', 'IE-LIN-CLASS-STATE'),
        ('class Other:\n    def f(self):\n        Parent.x += 1', 'IE-LIN-CLASS-STATE'),
        ("setattr(Parent, 'x', 9)", 'IE-LIN-CLASS-STATE'),
        ('vars(__import__("sys"))["modules"][__name__].Parent.x = 9', 'IE-LIN-PATCHED'),
        ("for name in ('x', 'y'):\n    setattr(Leaf, name, 9)", 'IE-LIN-PATCHED'),
        ('if True:\n    Leaf.x = 9', 'IE-LIN-PATCHED'),
        ('alias = Parent\nalias.sizes = (1, 3)', 'IE-LIN-PATCHED'),
        ('Parent.table.update(a=Leaf)', 'IE-LIN-PATCHED'),
        ('alias = Leaf\nalias.g = len', 'IE-LIN-PATCHED'),
        ('alias = Leaf\nalias.y = 9', 'IE-LIN-PATCHED'),
    ],
)
def test_what_was_assigned_elsewhere(make: MakeModule, after: str, code: str) -> None:
    result = flatten_class(make('patched', CLASSES.format(after=after)).Leaf)
    assert not result.merged
    assert code in {each.code for each in result.diagnostics}


@pytest.mark.parametrize('after', ['Leaf.y = 7', 'Leaf.x = 9\nLeaf.f = lambda self: 5', "setattr(Leaf, 'y', 8)"])
def test_what_the_module_assigns_to_the_class(make: MakeModule, run: Run, after: str) -> None:
    module = make('patched', CLASSES.format(after=after))
    result = flatten_class(module.Leaf)
    assert result.merged
    assert run(result)().g() == module.Leaf().g()


def test_an_attribute_of_instances_is_no_patch(make: MakeModule, run: Run) -> None:
    after = 'class Other:\n    def f(self, parent):\n        parent.x = 1\n        self.other.x = 2'
    module = make('patched', CLASSES.format(after=after))
    assert run(flatten_class(module.Leaf))().g() == module.Leaf().g()


def test_another_class_of_the_name_since(make: MakeModule) -> None:
    after = 'class Parent:\n    def f(self):\n        return "second"'
    text = CLASSES.format(after=after).replace('self.f()', 'Parent.f(self)')
    result = flatten_class(make('patched', text).Leaf)
    assert {each.code for each in result.diagnostics} == {'IE-LIN-UNRESOLVED'}


def test_a_container_that_is_in_itself_is_no_display_of_constants() -> None:
    held: dict[str, Any] = {'other': [1]}
    assert constant_text({'twice': (held, held)}) == "{'twice': tuple({'other': list(1)}, {'other': list(1)})}"
    held['own'] = [held]
    assert constant_text(held) is None
