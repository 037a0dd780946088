"""Whoever asks for a function's variables is told of every form that binds one."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import ModuleType

import pytest

from introspect_export.observe.function_names import imports_of
from introspect_export.observe.library_super_calls import super_lookups
from introspect_export.reach.unknown_arguments import _own_arguments

FORMS = ['self = 1', 'for self in (): pass', 'try: pass\n        except ValueError as self: pass', 'import os as self']


@pytest.mark.parametrize('form', FORMS)
def test_a_first_argument_that_is_bound_anew_is_not_the_methods_own(form: str) -> None:
    text = f'def f(self, cls):\n        {form}\n        def g(cls): return self\n'
    outer = ast.parse(text).body[0]
    assert isinstance(outer, ast.FunctionDef)
    inner = outer.body[-1]
    assert isinstance(inner, ast.FunctionDef)
    assert _own_arguments((outer,), of_class=True) == set()
    assert _own_arguments((outer, inner), of_class=False) == {'cls'}


def test_the_own_parameter_of_a_function_inside_is_not_the_methods() -> None:
    outer = ast.parse('def f(self):\n  def g(self): pass').body[0]
    assert isinstance(outer, ast.FunctionDef) and isinstance(outer.body[0], ast.FunctionDef)
    assert _own_arguments((outer,), of_class=True) == {'self'}
    assert _own_arguments((outer, outer.body[0]), of_class=True) == set()


@pytest.mark.parametrize('form', FORMS)
def test_a_switch_of_another_object_is_none(
    tmp_path: object, form: str, small_project: Callable[[dict[str, str]], object]
) -> None:
    small_project(
        {
            'rebound_switch.py': f"""
class Base:
    switch = False
    def run(self):
        {form}
        if self.switch:
            super(Base, self).run()
"""
        }
    )
    module: ModuleType = __import__('rebound_switch')
    found = super_lookups(module.Base, module.Base.__mro__)
    assert found is not None and [each.switch for each in found] == ['']


def test_imports_of_a_function_bind_top_packages_and_aliases() -> None:
    node = ast.parse('def f():\n import os.path\n import os.path as p\n from os import path as q')
    import os

    assert dict(imports_of(node, {})) == {'os': os, 'p': os.path, 'q': os.path}
