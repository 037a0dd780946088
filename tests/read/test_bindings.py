"""Which names code binds: the compiler's answer, for every form that binds one."""

from __future__ import annotations

import ast
import symtable
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import introspect_export
from introspect_export.read import mangle
from introspect_export.read.bindings import DEFINITIONS, FUNCTIONS, bound_inside, local_names, names_bound, rebinds

Scopes = dict[tuple[str, int], list[frozenset[str]]]

FORMS = [
    ('a, (b, *c) = d.e = f[0] = 1, (2, 3)', 'a b c'),
    ('a += b', 'a'),
    ('a: int', 'a'),
    ('a: b = c\nd.e: f = 1', 'a'),
    ('for a, *b in c: d = 1\nelse: e = 2', 'a b d e'),
    ('with a as b, c as (d, e), f as g.h: i = 1', 'b d e i'),
    ('try: a = 1\nexcept B as b: c = 1\nelse: d = 1\nfinally: e = 1', 'a b c d e'),
    ('import a.b.c, d.e as f', 'a f'),
    ('from a.b import c, d as e', 'c e'),
    ('from a import *', ''),
    ('del a, (b, c), d.e', 'a b c'),
    ('def a(b=(c := 1), *d, e: (f := 2) = 3) -> (g := 4): h = 1', 'a c f g'),
    ('@(a := b)\nasync def c(d): e = d', 'a c'),
    ('@(a := b)\nclass C((d := E), metaclass=(f := G)): h = 1', 'a C d f'),
    ('a = lambda b, c=(d := 1): (e := b)', 'a d'),
    ('a = [b for b in c if (d := b)]', 'a d'),
    ('a = {b: (c := b) for b in d}', 'a c'),
    ('a = [[(b := c) for c in d] for d in e]', 'a b'),
    ('a = [lambda b=(c := 1): (d := 2) for e in f]', 'a c'),
    ('a = f"{(b := 1)} {c}"', 'a b'),
    ('while (a := b()): c = a', 'a c'),
    ('if a: b = 1\nelif c: d = 1', 'b d'),
    ('print(a := 1)', 'a'),
    ('global a\na = 1', 'a'),
]  # fmt: skip
MATCHES = [
    ('match a:\n case b: c = 1', 'b c'),
    ('match a:\n case [b, *c] | (b, *c): pass', 'b c'),
    ('match a:\n case {"k": b, **c}: pass', 'b c'),
    ('match a:\n case D(b, e=[c]) as f if (g := 1): pass', 'b c f g'),
    ('match a:\n case _: pass', ''),
]
PARAMETERS = [
    ('def a[T: (b), *Ts, **P](c: T) -> T: d = T', 'a'),
    ('class A[T](B[T]): c = T', 'A'),
    ('type A[T] = B[T]', 'A'),
]
ALL = [
    *FORMS,
    *MATCHES,
    *(PARAMETERS if sys.version_info >= (3, 12) else ()),
]


def _binds(table: symtable.SymbolTable) -> frozenset[str]:
    """What the compiler says a scope binds."""
    kind = str(table.get_type())
    bound = set()
    for symbol in table.get_symbols():
        binds = symbol.is_assigned() or symbol.is_imported() or symbol.is_parameter()
        if kind == 'module':  # Also what functions declare global, and what ``:=`` in a comprehension binds.
            binds = binds or symbol.is_declared_global()
        elif kind == 'function':
            binds = binds and not (symbol.is_declared_global() or symbol.is_nonlocal())
        if binds and not symbol.get_name().startswith('.'):
            bound.add(symbol.get_name())
    return frozenset(bound)


def _compiled(text: str) -> Scopes:
    found: Scopes = defaultdict(list)
    pending = [symtable.symtable(text, 'm.py', 'exec')]
    while pending:
        table = pending.pop()
        pending += table.get_children()
        kind = str(table.get_type())
        if kind in ('module', 'class', 'function') and table.get_name() not in _COMPREHENSIONS:
            name = 'top' if kind == 'module' else table.get_name()
            found[name, 0 if kind == 'module' else table.get_lineno()].append(_binds(table))
    return found


_COMPREHENSIONS = ('listcomp', 'setcomp', 'dictcomp', 'genexpr')


def _scopes(node: ast.AST, owner: str) -> Iterator[tuple[ast.AST, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*DEFINITIONS, *FUNCTIONS)):
            inner = child.name if isinstance(child, ast.ClassDef) else owner
            yield child, inner
            if isinstance(child, ast.ClassDef):
                around = [*child.decorator_list, *child.bases, *child.keywords]
                yield from (each for part in around for each in _scopes(ast.Expression(part), owner))  # type: ignore[arg-type]
                yield from (each for part in child.body for each in _scopes(ast.Module([part], []), inner))
            else:
                yield from _scopes(child, owner)
        else:
            yield from _scopes(child, owner)


def _read(text: str) -> Scopes:
    tree = ast.parse(text)
    found: Scopes = defaultdict(list)
    declared = {name for each in ast.walk(tree) if isinstance(each, ast.Global) for name in each.names}
    found['top', 0].append(frozenset(names_bound(tree.body)) | declared)
    for node, owner in _scopes(tree, ''):
        name, line = getattr(node, 'name', 'lambda'), getattr(node, 'lineno', 0)
        names = names_bound(node.body) if isinstance(node, ast.ClassDef) else local_names(node)  # type: ignore[arg-type]
        found[name, line].append(frozenset(mangle(each, owner) for each in names))
    return found


def _sorted(scopes: Scopes) -> dict[tuple[str, int], list[list[str]]]:
    return {key: sorted(map(sorted, found)) for key, found in scopes.items()}


@pytest.mark.parametrize(('statement', 'names'), ALL)
def test_what_a_statement_binds(statement: str, names: str) -> None:
    assert set(names_bound(ast.parse(statement).body)) == set(names.split())


@pytest.mark.parametrize(('statement', 'names'), ALL)
def test_what_a_statement_binds_is_what_the_compiler_says(statement: str, names: str) -> None:
    within = [statement]
    if not statement.startswith('from a import *'):
        within.append(f'def outer(p, *q, r=1, **s):\n{textwrap.indent(statement, "  ")}')
        within.append(f'class Outer:\n  __private = 1\n{textwrap.indent(statement, "  ")}')
    for text in within:
        if not (text.startswith('class') and ' for ' in statement and ':=' in statement):  # Python forbids it.
            assert _sorted(_read(text)) == _sorted(_compiled(text)), text


@pytest.mark.parametrize('file', sorted(Path(introspect_export.__file__).parent.rglob('*.py')), ids=str)
def test_modules_bind_what_the_compiler_says(file: Path) -> None:
    text = file.read_text()
    assert _sorted(_read(text)) == _sorted(_compiled(text))


_PIECES = [(statement, 'global' in statement or 'import *' in statement) for statement, _ in ALL]


@st.composite
def _programs(draw: st.DrawFn, depth: int = 0, in_class: bool = False) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(('piece', 'def', 'class', 'if') if depth < 3 else ('piece',)))
        if kind == 'piece':
            piece, top_only = draw(st.sampled_from(_PIECES))
            forbidden = top_only or (in_class and ' for ' in piece and ':=' in piece)
            lines.append('pass' if forbidden else piece)
            continue
        name = draw(st.sampled_from(['a', 'b', '__p', 'Q_']))
        inner = draw(_programs(depth + 1, kind == 'class' or (kind == 'if' and in_class)))
        head = {'def': f'def {name}(x, *a1, b1=1):', 'class': f'class {name}:', 'if': 'if x:'}[kind]
        lines.append(f'{head}\n{textwrap.indent(inner, "  ")}')
    return '\n'.join(lines)


@given(_programs())
@settings(max_examples=150, deadline=None)
def test_programs_bind_what_the_compiler_says(text: str) -> None:
    assert _sorted(_read(text)) == _sorted(_compiled(text))


@pytest.mark.parametrize(
    ('body', 'expected'),
    [
        ('return self', False),
        ('self = 1', True),
        ('del self', True),
        ('for self in (): pass', True),
        ('try: pass\n except X as self: pass', True),
        ('import self', True),
        ('[self := x for x in y]', True),
        ('[self for self in y]', False),
        ('def f(self): self = 1', False),
        ('def f(x=(self := 1)): pass', True),
        ('def f():\n  nonlocal self\n  self = 1', True),
        ('def f():\n  global self\n  self = 1', False),
        ('class C: self = 1', False),
    ],
)
def test_whether_a_parameter_is_bound_anew(body: str, expected: bool) -> None:
    (function,) = ast.parse(f'def method(self, y):\n {body}').body
    assert isinstance(function, ast.FunctionDef)
    assert rebinds(function, 'self') is expected


def test_names_bound_anywhere_inside() -> None:
    tree = ast.parse('def f(a):\n  try: [b for b in c]\n  except D as e: lambda g: 1\n  class H: import i.j')
    assert sorted(bound_inside([tree])) == ['H', 'a', 'b', 'e', 'f', 'g', 'i']
