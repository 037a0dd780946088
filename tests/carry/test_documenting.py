"""Decorators that only write documentation are left out; whatever may do more stays."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import carry, export
from introspect_export.reach.documenting import DOCUMENTING, Documenters
from introspect_export.reach.names import Names
from introspect_export.verify.child.code import Reader

PLAIN = """
def told(*texts):
    def decorator(fn):
        fn.__doc__ = ''.join(texts) + (fn.__doc__ or '')
        return fn
    return decorator
"""
HELPED = """
import inspect
import re

PATTERN = re.compile('x')

def lines_of(fn):
    lines = []
    for name in inspect.signature(fn).parameters:
        lines.append(f'{name}: {PATTERN.sub("y", name)}')
    return lines

def written(fn, intro):
    text = intro
    text += '\\n'.join(lines_of(fn))
    fn.__doc__ = text
    return fn

def told(obj=None, *, intro=''):
    def decorator(obj):
        return written(obj, intro)
    if obj is not None:
        return decorator(obj)
    return decorator
"""


def decorating(body: str, before: str = '') -> str:
    inner = body.replace('\n', '\n        ')
    return f'{before}\ndef told(*texts):\n    def decorator(fn):\n        {inner}\n    return decorator\n'


LEFT_OUT = {
    'plain': (PLAIN, "@told('a', TEXT.format(x=1))"),
    'helped': (HELPED, '@told'),
    'helped, with arguments': (HELPED, '@told(intro=TEXT)'),
    'of a name': (decorating("name = fn.__qualname__.split('.')[0]\nfn.__doc__ = f'{name}'\nreturn fn"), '@told()'),
}
KEPT = {
    'it puts it into a table': (decorating('TABLE[1] = fn\nreturn fn', 'TABLE = {}'), '@told()'),
    'it puts it into a table by another name': (
        decorating('table = TABLE\ntable[1] = fn\nreturn fn', 'TABLE = {}'),
        '@told()',
    ),
    'it appends': (decorating('TABLE.append(fn)\nreturn fn', 'TABLE = []'), '@told()'),
    'it fills what it is given': (decorating('texts[0].append(1)\nreturn fn'), '@told([])'),
    'it counts': (decorating('global COUNT\nCOUNT += 1\nreturn fn', 'COUNT = 0'), '@told()'),
    'it sets something else': (decorating('fn.told = True\nreturn fn'), '@told()'),
    'it sets by name': (decorating("setattr(fn, 'told', True)\nreturn fn"), '@told()'),
    'a helper of it sets something': (
        decorating('mark(fn)\nreturn fn', 'def mark(fn):\n    vars(fn).update(told=1)'),
        '@told()',
    ),
    'it wraps': (decorating('return lambda *given: fn(*given)'), '@told()'),
    'it may wrap': (decorating('if texts:\n    fn = print\nreturn fn'), '@told()'),
    'it calls a library': (decorating('torch.set_grad_enabled(True)\nreturn fn', 'import torch'), '@told()'),
    'its arguments do something': (
        decorating('return fn', 'def noted(x):\n    TABLE.append(x)\n    return x\n\nTABLE = []'),
        '@told(noted(TEXT))',
    ),
    'it calls what it is given': (decorating('texts[0]()\nreturn fn'), '@told(print)'),
    'it is a class': ('class told:\n    def __init__(self, fn):\n        pass\n    __call__ = print\n', '@told'),
}
MODULE = """
import torch
from {docs} import *
from {docs} import told

TEXT = 'text {{x}}'


class Page(torch.nn.Module):
    {decorator}
    def turned(self, x):
        '''Turn.'''
        return x * 2

    def forward(self, x):
        return x + 1
"""
_numbers = itertools.count()


@pytest.fixture
def page(small_project: Callable[..., Path]) -> Callable[..., Any]:
    def make(docs: str, decorator: str, more: str = '') -> Any:
        number = next(_numbers)
        files = {
            f'told_docs_{number}.py': docs,
            f'told_page_{number}.py': MODULE.format(docs=f'told_docs_{number}', decorator=decorator) + more,
        }
        small_project(files)
        return importlib.import_module(f'told_page_{number}').Page()

    return make


def _found(model: Any) -> list[str]:
    carried = carry.observe_model(model, 'model')
    documenters = Documenters(carried.modules, Names(carried.observation.world, carried.modules))
    module = carried.modules(type(model).__module__)
    assert module is not None
    return [module.cut(each.span).strip() for part in module.parts for each in documenters.of(module, part)]


@pytest.mark.parametrize('case', LEFT_OUT)
def test_only_documenting(case: str, page: Callable[..., Any]) -> None:
    docs, decorator = LEFT_OUT[case]
    assert _found(page(docs, decorator)) == [decorator]


@pytest.mark.parametrize('case', KEPT)
def test_doing_more(case: str, page: Callable[..., Any]) -> None:
    assert _found(page(*KEPT[case])) == []


def test_the_package_is_without_them(page: Callable[..., Any], tmp_path: Path, elsewhere: Callable[..., Any]) -> None:
    decorators = "@told('a', TEXT)  # Why.\n    @staticmethod\n    @told('b')"
    model = page(PLAIN, decorators.replace('@staticmethod', '@torch.no_grad()'))
    result = export(model, tmp_path / 'out', verify='build')
    assert result.ok and result.diagnostics_by_code == {DOCUMENTING: 1}
    text = (tmp_path / 'out' / 'pack' / f'{type(model).__module__}.py').read_text()
    assert '    @torch.no_grad()\n    def turned(self, x):\n' in text and 'told' not in text and 'TEXT' not in text
    assert elsewhere(tmp_path / 'out', [torch.ones(1)], (type(model).__module__,)).result.tolist() == [2.0]


@pytest.mark.parametrize(
    ('reads', 'stays'),
    [('print(self.turned.__doc__)', True), ('Page.turned.__doc__', True), ('torch.nn.Module.__doc__', False)],
)
def test_what_is_read_stays(reads: str, stays: bool, page: Callable[..., Any], tmp_path: Path) -> None:
    more = f'\n\n    def shown(self):\n        return {reads}\n'
    model = page(PLAIN, "@told('a')", more)
    export(model, tmp_path / 'out', verify=None)
    text = (tmp_path / 'out' / 'pack' / f'{type(model).__module__}.py').read_text()
    assert ("@told('a')" in text) is stays


def test_verifying_code_knows_what_was_left_out(page: Callable[..., Any], tmp_path: Path) -> None:
    model = page(PLAIN, "@told('a')")
    module = sys.modules[type(model).__module__]
    told = f'{module.told.__module__}:told'
    said = []
    for documenting in (frozenset({told}), frozenset[str]()):
        reader = Reader(frozenset({module.__name__, told.partition(':')[0]}), documenting=documenting)
        reader.add_class('Page', type(model))
        said.append([text for text, _ in reader.pieces['Page.turned']])
    assert said[1][0] == '@' and said[0] == said[1][said[1].index('def') :]
