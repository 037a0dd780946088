"""Method tables: which definitions of parents a class's methods reach, however the text names the parents."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from introspect_export.inspect.methods import method_table
from introspect_export.live_class.live_modules import live_binding
from introspect_export.model import Binding, Symbol
from introspect_export.observe.chains import chain_of

BASE = """
class Parent:
    def f(self): return 1
    def __hidden(self): return 2
    def run(self): return self.__hidden()
    def stop(self): return 3


class Other:
    def f(self): return 4
"""


class _LoadedModules:
    """The part of a ``World`` that method tables ask."""

    def is_origin(self, module: str) -> bool:
        return module.startswith('method_tables')

    def source(self, module: str) -> tuple[str, bool] | None:
        loaded = sys.modules.get(module)
        file = getattr(loaded, '__file__', None)
        return (file, hasattr(loaded, '__path__')) if file and file.endswith('.py') else None

    def binding(self, module: str, name: str) -> Binding | None:
        symbol = live_binding(module, name)
        kind = 'class' if symbol is not None and symbol.qualname else 'module'
        return Binding(kind, symbol, True) if symbol is not None else None


Project = Callable[[dict[str, str]], Path]


def _callers(project: Project, text: str, cls: str = 'Child') -> dict[str, dict[str, tuple[str, ...] | None]]:
    """For each member that has several definitions, those behind the first with who reaches them, or None."""
    project({'method_tables/__init__.py': '', 'method_tables/base.py': BASE, 'method_tables/child.py': text})
    module = importlib.import_module('method_tables.child')
    world: Any = _LoadedModules()
    table = method_table(chain_of(getattr(module, cls), world.is_origin), world)
    return {
        member.name: {each.owner.name: each.callers or None for each in member.definitions[1:]}
        for member in table.members
        if len(member.definitions) > 1
    }


@pytest.mark.parametrize(
    ('imports', 'access'),
    [
        ('from method_tables.base import Parent', 'Parent.f(self)'),
        ('from method_tables.base import Parent as P', 'P.f(self)'),
        ('from method_tables import base as basemod', 'basemod.Parent.f(self)'),
        ('import method_tables.base', 'method_tables.base.Parent.f(self)'),
        ('import method_tables.base as b', 'super(Child, self).f()'),
        ('from method_tables.base import Parent as P', '__class__.__mro__ and super().f()'),
        ('from method_tables import base', 'getattr(super(), "f")()'),
        ('from .base import Parent as P\nAlias = P', 'Alias.f(self)'),
    ],
)
def test_a_parent_is_reached_by_whatever_name_it_has(small_project: Project, imports: str, access: str) -> None:
    text = (
        f'{imports}\nimport method_tables.base as home\n\nclass Child(home.Parent):\n    def f(self): return {access}\n'
    )
    assert _callers(small_project, text) == {'f': {'Parent': ('Child.f',)}}


def test_a_namesake_of_a_parent_is_another_class(small_project: Project) -> None:
    text = (
        'import method_tables.base as home\n\nclass Parent:\n    def f(self): return 0\n\n'
        'class Child(home.Parent):\n    def f(self): return Parent().f()\n'
    )
    assert _callers(small_project, text) == {'f': {'Parent': None}}


def test_super_behind_a_class_skips_it(small_project: Project) -> None:
    text = (
        'from method_tables import base\n\nclass Child(base.Parent, base.Other):\n'
        '    def f(self): return super(base.Parent, self).f()\n'
    )
    assert _callers(small_project, text) == {'f': {'Parent': None, 'Other': ('Child.f',)}}


def test_a_class_body_reaches_what_it_names(small_project: Project) -> None:
    text = (
        'from method_tables import base\n\nclass Child(base.Parent, base.Other):\n'
        '    f = base.Other.f\n    if True:\n        def run(self): return super().run()\n'
    )
    assert _callers(small_project, text) == {
        'f': {'Parent': None, 'Other': ('Child.f',)},
        'run': {'Parent': ('Child.run',)},
    }


def test_private_names_are_those_of_their_class(small_project: Project) -> None:
    text = (
        'from method_tables import base\n\nclass Child(base.Parent):\n'
        '    def __hidden(self): return 5\n    def run(self): return super().run() + self.__hidden()\n'
    )
    assert _callers(small_project, text) == {'run': {'Parent': ('Child.run',)}}


@pytest.mark.parametrize(
    ('statement', 'line'),
    [
        ('for f in (lambda self: 1,): pass', 4),
        ('try: raise ValueError\n    except ValueError: import math as f', 5),
        ('f, (*g, h) = 1, (2, 3)', 4),
        ('with open(__file__) as f: pass', 4),
    ],
)
def test_where_a_member_is_defined(small_project: Project, statement: str, line: int) -> None:
    text = f'from method_tables import base\n\nclass Child(base.Parent):\n    {statement}\n'
    small_project({'method_tables/__init__.py': '', 'method_tables/base.py': BASE, 'method_tables/child.py': text})
    module = importlib.import_module('method_tables.child')
    world: Any = _LoadedModules()
    table = method_table(chain_of(module.Child, world.is_origin), world)
    (member,) = (each for each in table.members if each.name == 'f')
    place = member.definitions[0].place
    assert place is not None and member.owner == Symbol('method_tables.child', 'Child')
    assert place.line == line
