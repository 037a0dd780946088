"""The shortened look at what is below a node, beside the standard library's."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from introspect_export.read.node_children import children, reaches

_SILENT = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.TypeIgnore)
_FILES = (ast.__file__, pytest.__file__, __file__)
_EVERYTHING = """
@decorator
async def f(a, /, b: int = 1, *c, d=2, **e) -> None:
    global g
    async with x as y, z: await w
    async for i in j: yield
    try: raise A from B
    except (C, D) as error: del q[1:2, ...]
    else: pass
    finally: assert not k, f'{l!r:>{m}}'
    return [n for n in o if n if not n]
match p:
    case {'a': 1, **rest} | [1, *others] if r: s: t = u
    case K(1, z=2) as whole: v += lambda *a, **b: (yield)
    case None | {}: print(*w, **x, y=z)
"""


def _compared(tree: ast.AST) -> int:
    count = 0
    for node in ast.walk(tree):
        expected = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _SILENT)]
        assert children(node) == expected
        count += len(expected)
    return count


@pytest.mark.parametrize('file', _FILES, ids=lambda file: Path(file).stem)
def test_the_children_are_those_of_the_standard_library(file: str) -> None:
    assert _compared(ast.parse(Path(file).read_text(encoding='utf-8'))) > 100


def test_the_children_of_every_kind_of_statement() -> None:
    assert _compared(ast.parse(_EVERYTHING)) > 50


def test_whether_a_line_may_be_a_nodes() -> None:
    tree = ast.parse('a = 1\n@b\n@c\ndef d():\n    return e\n\nf = 2\n')
    first, function, last = tree.body
    assert [reaches(node, [2]) for node in (first, function, last)] == [False, True, False]
    assert [reaches(node, [1, 5]) for node in (first, function, last)] == [True, True, False]
    assert [reaches(node, [6]) for node in (first, function, last)] == [False, False, False]
    assert reaches(tree, []), 'a module has no place of its own'
