"""Class statements are found wherever they stand, under the names that Python gives the classes."""

from __future__ import annotations

import ast

import pytest

from introspect_export.read.class_statements import class_statements

PLACES = [
    'if x:\n    pass\nelse:\n    {}',
    'try:\n    pass\nexcept ImportError:\n    {}',
    'try:\n    pass\nfinally:\n    {}',
    'with x:\n    {}',
    'for x in y:\n    {}',
    'match x:\n    case 1:\n        {}',
]


@pytest.mark.parametrize('place', PLACES)
def test_a_class_in_any_statement_is_one_of_the_module(place: str) -> None:
    assert list(class_statements(ast.parse(place.format('class A: pass')))) == ['A']


def test_qualified_names_are_those_of_python() -> None:
    text = 'class A:\n    class B:\n        def f(self):\n            class C: pass\n\ndef g():\n    class A: pass\n'
    found = class_statements(ast.parse(text + 'class A: pass\n'))
    assert {name: [each.lineno for each in nodes] for name, nodes in found.items()} == {
        'A': [1, 8], 'A.B': [2], 'A.B.f.<locals>.C': [4], 'g.<locals>.A': [7],
    }  # fmt: skip
