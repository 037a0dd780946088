"""One class on its own: from a console, until an ancestor, with ancestors kept, with equal names in two modules."""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class
from introspect_export.model import ExportError
from introspect_export.observe.chains import symbol_of

MakeModule = Callable[[str, str], ModuleType]


Run = Callable[[StandaloneClass], Any]

BASE = """
LIMIT = 1

class Root:
    def f(self):
        return ['Root', LIMIT]

class Base(Root):
    def f(self):
        return ['Base', LIMIT, *super().f()]
"""
LEAF = """
from base_module import Base
LIMIT = 2

class Middle(Base):
    def f(self):
        import math as local
        return ['Middle', LIMIT, *super().f()]

class Leaf(Middle):
    def f(self):
        return ['Leaf', LIMIT, *super().f()]
"""


def both(module: str) -> bool:
    return module in ('base_module', 'leaf_module')


def test_equal_names_of_two_modules(make: MakeModule, run: Run) -> None:
    make('base_module', BASE)
    leaf = make('leaf_module', LEAF).Leaf
    result = flatten_class(leaf, is_origin=both)
    assert 'LIMIT_of_base_module' in result.text
    assert run(result)().f() == leaf().f() == ['Leaf', 2, 'Middle', 2, 'Base', 1, 'Root', 1]


def test_classes_whose_instances_were_copied_before(make: MakeModule, run: Run) -> None:
    base = make('base_module', BASE).Base
    leaf = make('leaf_module', LEAF).Leaf
    copy.deepcopy(base()), copy.deepcopy(leaf())
    assert '__slotnames__' in vars(base)
    result = flatten_class(leaf, is_origin=both)
    assert [each.qualname for each in result.merged] == ['Middle', 'Base', 'Root']
    assert copy.deepcopy(run(result)()).f() == leaf().f()


def test_until_an_ancestor(make: MakeModule, run: Run) -> None:
    base = make('base_module', BASE).Base
    leaf = make('leaf_module', LEAF).Leaf
    result = flatten_class(leaf, is_origin=both, until=base)
    assert [each.qualname for each in result.merged] == ['Middle']
    assert run(result).__bases__ == (base,)
    assert run(result)().f() == leaf().f()


def test_a_kept_ancestor_keeps_its_own(make: MakeModule, run: Run) -> None:
    make('base_module', BASE)
    module = make('leaf_module', LEAF)
    result = flatten_class(module.Leaf, is_origin=both, keep=[module.Middle])
    assert not result.merged
    assert run(result)().f() == module.Leaf().f()


def test_default_boundary_is_the_top_package(make: MakeModule, run: Run) -> None:
    base = make('base_module', BASE).Base
    leaf = make('leaf_module', LEAF).Leaf
    assert run(flatten_class(leaf)).__bases__ == (base,)


def test_members_say_where_they_came_from(make: MakeModule) -> None:
    make('base_module', BASE)
    result = flatten_class(make('leaf_module', LEAF).Leaf, is_origin=both)
    members = {each.name: (each.original, each.owner.qualname, each.place.line) for each in result.members}
    assert members == {
        'f': ('f', 'Leaf', 11),
        '_Middle_f': ('f', 'Middle', 6),
        '_Base_f': ('f', 'Base', 9),
        '_Root_f': ('f', 'Root', 5),
    }


def test_no_class() -> None:
    with pytest.raises(ExportError, match='is no class'):
        flatten_class(len)  # type: ignore[arg-type]


def test_no_source() -> None:
    with pytest.raises(ExportError, match='IE-LIN-NO-SOURCE'):
        flatten_class(dict)


def test_registration_with_abstract_ancestors(make: MakeModule, run: Run) -> None:
    module = make(
        'base_module',
        'from abc import ABC\n\n\nclass Top(ABC):\n    pass\n\n\nclass Mid(Top):\n    pass\n\n\n'
        'def deco(cls):\n    assert issubclass(cls, Top)\n    return cls\n\n\n@deco\nclass Leaf(Mid):\n    x = 1\n',
    )
    flat = run(flatten_class(module.Leaf, register=True))
    assert issubclass(flat, module.Mid)
    assert isinstance(flat(), module.Top)
    assert flat.__mro__[1:] == module.Top.__mro__[1:]


ASKING = """
from abc import ABC


class Root:
    def f(self):
        return 'Root'


class Plain(Root):
    def f(self):
        return 'Plain ' + super().f()


class Abstract(ABC):
    pass


class Kinds(Abstract):
    def kinds(self):
        return isinstance(self, Abstract), isinstance(self, (Abstract, int))


def same(cls):
    return cls


class Leaf(Plain, Kinds):
    def f(self):
        return {body}
"""


@pytest.mark.parametrize(
    ('body', 'merged'),
    [
        ('super().f()', ['Plain', 'Root', 'Kinds', 'Abstract']),
        ('super().f(), getattr(Plain, "x", hasattr(Root, "f"))', ['Plain', 'Root', 'Kinds', 'Abstract']),
        ('super().f(), Plain().f()', ['Plain', 'Root', 'Kinds', 'Abstract']),
        ('super().f(), isinstance(self, Plain)', ['Kinds', 'Abstract']),
        ('super().f(), type(self) is Root', ['Plain', 'Kinds', 'Abstract']),
        ('super().f(), same(Abstract)', ['Plain', 'Root', 'Kinds']),
    ],
)
def test_ancestors_that_the_text_asks_for(make: MakeModule, run: Run, body: str, merged: list[str]) -> None:
    module = make('asking', ASKING.format(body=body))
    result = flatten_class(module.Leaf)
    flat = run(result)
    assert [each.qualname for each in result.merged] == merged
    assert flat().f() == module.Leaf().f()
    assert flat().kinds() == module.Leaf().kinds() == (True, True)
    assert len(merged) == 4 or [each.code for each in result.diagnostics] == ['IE-KEPT-BASE']


REBOUND = """
STATE = 1
_of_rebound = 5


def change(value):
    global STATE
    STATE = value


class Base:
    def f(self):
        return STATE

    def g(self, STATE_of_rebound=2):
        return STATE, STATE_of_rebound


class Leaf(Base):
    def f(self, rebound=3):
        return STATE, rebound, super().f(), [STATE for _ in (1,)]
"""


def test_globals_that_functions_bind_anew(make: MakeModule, run: Run) -> None:
    module = make('rebound', REBOUND)
    flat = run(flatten_class(module.Leaf))
    module.change(7)
    assert flat().f() == module.Leaf().f() == (7, 3, 7, [7])
    assert flat().g() == module.Leaf().g() == (7, 2)


@pytest.mark.parametrize('body', ['global STATE; STATE = 2', 'return globals()', "return eval('STATE')"])
def test_what_the_class_does_to_its_globals(make: MakeModule, body: str) -> None:
    module = make('rebound', REBOUND.replace('return STATE, rebound, super().f(), [STATE for _ in (1,)]', body))
    result = flatten_class(module.Leaf)
    assert {each.code for each in result.diagnostics} <= {'IE-LIN-GLOBAL', 'IE-LIN-GLOBALS'}
    assert not result.merged


def test_an_exception_keeps_the_ancestors_that_are_caught(make: Callable[[str, str], ModuleType]) -> None:
    text = """
        class Base(Exception):
            def f(self):
                return 1

        class Mid(Base):
            def f(self):
                return super().f(), 2

        class Leaf(Mid):
            def f(self):
                return super().f(), 3
        """
    module = make('caught.errors', textwrap.dedent(text))
    free = flatten_class(module.Leaf)
    assert (free.merged, free.diagnostics) == ((symbol_of(module.Mid), symbol_of(module.Base)), ())
    catching = 'def go(f):\n    try:\n        f()\n    except (ValueError, errors.Base):\n        return True\n'
    make('caught.user', 'import sys\nerrors = sys.modules["caught.errors"]\n' + catching)
    kept = flatten_class(module.Leaf)
    assert (kept.merged, kept.bases) == ((symbol_of(module.Mid),), (symbol_of(module.Base),))
    (said,) = kept.diagnostics
    assert said.code == 'IE-KEPT-BASE'
    assert said.where.endswith('caught.user.py:6')


def test_a_global_that_is_bound_again_behind_the_class(make: Callable[[str, str], ModuleType]) -> None:
    text = """
        LIMIT = 3

        class Base:
            def f(self, x=LIMIT):
                return x

        class Leaf(Base):
            def g(self):
                return LIMIT

        LIMIT = 4
        """
    result = flatten_class(make('bound_again', textwrap.dedent(text)).Leaf)
    (said,) = result.diagnostics
    assert (said.code, said.where.rpartition(':')[2]) == ('IE-LIN-GLOBAL', '5')
    assert 'bound again at line 12' in said.message
