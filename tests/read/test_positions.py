"""Spans of nodes, above all of those inside of f-strings, which old Pythons place wrongly."""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Iterator

import pytest

from introspect_export.model import ExportError
from introspect_export.read import Positions, read_module
from introspect_export.read.positions import misplaced

# Every name of a case is there once, so that only one place can be its own.
F_STRINGS = [
    "f'{one}'",
    "f'a{{b}}{one!r:>{width}}c'",
    "f'{one=}{ other }'",
    'f\'{one["k"]:{width}.{digits}}\'',
    "rf'\\N{one}'",
    "f'\\\\N{one}'",
    "f'\\N{AMPERSAND}{one}'",
    'f\'{2:{"{"}>10}{one}\'',
    "(f'one {first}' 'plain {other}'\n  f'two {second}')",
    "f'''\n{\n  one\n} {two(\n  three)}\n'''",
    "f'{(lambda one: 1)(two)}'",
    "f'é{one}ü{other.attr}'",
    'f\'{a!=b}{c == d}{e["x:y"]}\'',
    "f'{one, two}{three,!r}'",
    "f'''{(one,\n  two)}'''",
    'f\'a{f"b{one} {two!r}"}\'',
]
QUOTES = [('"""', "'''", '"', "'"), ("'", '"'), ("'''", '"')]


def places(source: str) -> Iterator[tuple[str, str]]:
    """What is written at the place of each name and argument, and what should be."""
    tree = ast.parse(source)
    positions = Positions(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.arg)):
            span = positions.span(node)
            yield source[span.start : span.end], node.id if isinstance(node, ast.Name) else node.arg
        elif isinstance(node, ast.Tuple):
            span = positions.span(node)
            yield ast.dump(ast.parse(f'({source[span.start : span.end]})', mode='eval').body), ast.dump(node)


@pytest.mark.parametrize('source', F_STRINGS)
def test_expressions_in_fstrings_are_where_they_stand(source: str) -> None:
    assert misplaced(source, ast.parse(source)) is None
    found = list(places(source))
    assert found
    for written, expected in found:
        assert written == expected


class Sketch:
    """F-strings made at random, of names that are there once each."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._count = 0

    def fstring(self, depth: int, quotes: tuple[str, ...]) -> str:
        breaks = '\n ' if len(quotes[0]) == 3 else ' '
        parts = []
        for _ in range(self._draw.randint(1, 3)):
            blank = self._draw.choice(['', '', ' ', breaks])
            spec = self._draw.choice(['', '', f':>{{{self._name()}}}'])
            ends = self._draw.choice(['', '=', '!r'])
            parts.append(self._draw.choice(['', 'text ', 'é', '{{', '}}', breaks]))
            parts.append(f'{{{blank}{self._expression(depth, quotes[1:], breaks)}{blank}{ends}{spec}}}')
        return self._draw.choice(['f', 'rf', 'F']) + quotes[0] + ''.join(parts) + quotes[0]

    def _name(self) -> str:
        self._count += 1
        return self._draw.choice(['n', 'é']) + str(self._count)

    def _expression(self, depth: int, quotes: tuple[str, ...], breaks: str) -> str:
        kind = self._draw.randint(0, 6) if depth else 0
        if kind == 6 and quotes:
            return self.fstring(depth - 1, quotes)
        call, plus = '{}({},' + breaks + 'k={})', '({} +' + breaks + '{})'
        form = ['{}', call, '{}.attr[{}]', plus, '{}, {}', '[{} for x in {}]'][kind % 6]
        if kind == 4 and depth < 2:  # Only a field may hold a tuple without parentheses.
            form = f'({form})'
        return form.format(*(self._expression(depth - 1, quotes, breaks) if depth else self._name() for _ in range(3)))


def test_made_up_fstrings_are_placed_or_refused() -> None:
    refused = 0
    for seed in range(400):
        source = f'é = 1; x = ({Sketch(seed).fstring(2, QUOTES[seed % 3])})'
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        if misplaced(source, tree) is not None:
            refused += 1
            continue
        for written, expected in places(source):
            assert written == expected, source
    assert refused < 100 and (refused > 5) == (sys.version_info < (3, 12))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason='Python 3.12 places all')
@pytest.mark.parametrize('inner', ["F'''b{\n  one\n  !r}'''", '\n one, two'])
def test_what_cannot_be_placed_is_refused_with_its_line(inner: str) -> None:
    text = f'x = 1\ny = f"""é{{{inner}}}"""\n'
    with pytest.raises(ExportError, match=r'^lines\.py:[23]: before Python 3\.12'):
        read_module('lines', 'lines.py', False, text)


def test_columns_are_characters_not_bytes() -> None:
    source = "x = 'äöü'; value = x\n"
    span = Positions(source).span(ast.parse(source).body[1])
    assert source[span.start : span.end] == 'value = x'


def test_a_decorated_statement_starts_at_its_first_decorator() -> None:
    source = 'x = 1\n@ first\n@second(3)\ndef f(): pass\n'
    span = Positions(source).decorated(ast.parse(source).body[1])
    assert source[span.start : span.end] == '@ first\n@second(3)\ndef f(): pass'
