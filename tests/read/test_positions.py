"""Spans of nodes, above all of those inside of f-strings, which old Pythons place wrongly."""

from __future__ import annotations

import ast

import pytest

from introspect_export.read import Positions

F_STRINGS = [
    "f'{name}'",
    "f'a{{b}}{name!r:>{width}}c'",
    "f'{name=}{ name }'",
    'f\'{name["k"]:{width}.{digits}}\'',
    "rf'\\N{name}'",
    "f'\\\\N{name}'",
    "f'\\N{AMPERSAND}{name}'",
    'f\'{2:{"{"}>10}{name}\'',
    "(f'one {name}' 'plain {other}'\n  f'two {name}')",
    "f'''\n{\n  name\n}\n'''",
    "f'{(lambda name: name)(name)}'",
    "f'é{name}ü{other.attr}'",
    'f\'{a!=b}{a == b}{d["x:y"]}\'',
]


@pytest.mark.parametrize('source', F_STRINGS)
def test_names_in_fstrings_are_where_they_stand(source: str) -> None:
    tree = ast.parse(source)
    positions = Positions(source, tree)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert names or 'AMPERSAND' in source
    for node in names:
        span = positions.span(node)
        assert source[span.start : span.end] == node.id


def test_columns_are_characters_not_bytes() -> None:
    source = "x = 'äöü'; value = x\n"
    tree = ast.parse(source)
    span = Positions(source, tree).span(tree.body[1])
    assert source[span.start : span.end] == 'value = x'


def test_a_decorated_statement_starts_at_its_first_decorator() -> None:
    source = 'x = 1\n@ first\n@second(3)\ndef f(): pass\n'
    tree = ast.parse(source)
    span = Positions(source, tree).decorated(tree.body[1])
    assert source[span.start : span.end] == '@ first\n@second(3)\ndef f(): pass'
