"""What flattening and linking never change of a function, and what they do."""

from __future__ import annotations

import importlib
import itertools
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from introspect_export.verify.child.code_facts import Reader
from introspect_export.verify.code_level import check_code
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import DifferenceError, NotShownError, Pair
from introspect_export.verify.verify_facts import Shown

_numbers = itertools.count()

ORIGINAL = '''
import functools
import os
from functools import partial as part

import numpy as np
import torch

RATE = 0.5


def unnamed(function):
    return lambda *given: function(*given)


class Base:
    TABLE = dict(colours=[(1, 2), (3, 4)])
    SIZES = [1]

    def __init__(self, x):
        self.__hidden = x.max(axis=0)

    def run(self, x, *, by=1):
        """Run."""
        return x + by

    def other(self, a, b):
        return a.first - b.second

    @unnamed
    def wrapped(self, x):
        return x.sum().detach()

    def _asked(self):
        try:
            from .lost import thing
        except ImportError:
            thing = None
        return self.__hidden, thing


class Leaf(Base):
    SIZES = Base.SIZES + [2]
    half = lambda self, x: x / 2  # noqa: E731

    class Options:
        deep = True

    @property
    def size(self):
        return self.width * 2

    @functools.cached_property
    def slow(self):
        return torch.zeros(1, dtype=torch.float32)

    def __init__(self, x):
        super(Leaf, self).__init__(x)

    def run(self, x, *, by=2):
        from .deep import path
        from . import whole
        # Its parent's.
        y = super().run(x, by=by)
        if y > 3 and path.of(whole.name):
            y = Base.other(self, y, x)
        return [part(os.getcwd, each) for each in y if each], 'lib.Net', f'{Base.__name__}: {y}'

    @torch.no_grad()
    def most(self, x):
        return np.max((x + 1) * RATE, -1) if x.ndim else x
'''
PACK = '''
import functools
import importlib
from functools import partial
from os import getcwd

import numpy
import torch

RATE = 0.5


def unnamed(function):
    return lambda *given: function(*given)


class Base:
    def run(self, x, *, by=1):
        """Run."""
        return x + by

    def other(self, a, b):
        return a.first - b.second


names = importlib.import_module(__name__)


class Leaf:
    class Options:
        deep = True

    # -- from Base
    TABLE = dict(colours=[(1, 2), (3, 4)])
    _Base_SIZES = [1]

    def _Base_init(self, x):
        self._Base__hidden = x.max(axis=0)

    def run(self, x, *, by=1):
        """Run."""
        return x + by

    _Base_run = run

    def other(self, a, b):
        return a.first - b.second

    _Base_other = other

    @unnamed
    def wrapped(self, x):
        return x.sum().detach()

    def _asked(self):
        try:
            raise ImportError('lost')
        except ImportError:
            thing = None
        return self._Base__hidden, thing

    # -- its own
    SIZES = _Base_SIZES + [2]
    half = lambda self, x: x / 2  # noqa: E731

    @property
    def size(self):
        return self.width * 2

    @functools.cached_property
    def slow(self):
        return torch.zeros(1, dtype=torch.float32)

    def __init__(self, x):
        self._Base_init(x)

    def run(self, x, *, by=2):
        from .. import path
        import importlib
        whole = importlib.import_module('..', __package__)
        y = self._Base_run(x, by=by)
        if y > 3 and path.of(whole.name):
            y = self._Base_other(y, x)
        return [partial(getcwd, each)
                for each in y if each], 'Net', f'{names.Base.__name__}: {y}'

    @torch.no_grad()
    def most(self, x):
        return numpy.max((x + 1) * RATE, -1) if x.ndim else x
'''
BROKEN = {'code': 'IE-BROKEN-IMPORT', 'subject': 'm:Leaf'}


def read(folder: Path, text: str) -> dict[str, Any]:
    """The members of a module's class ``Leaf``."""
    module = imported(folder, text)
    merged = {f'{module.__name__}:Leaf': ['Base']}
    reader = Reader(frozenset({module.__name__}), frozenset({'m:Leaf'}), merged)
    reader.add_class('m:Leaf', module.Leaf)
    return answer(reader)


def read_globals(folder: Path, text: str, *names: str) -> dict[str, Any]:
    """Some globals of a module."""
    module = imported(folder, text)
    reader = Reader(frozenset({module.__name__}))
    for name in names:
        reader.add_global(f'm:{name}', module, name, getattr(module, name))
    reader.add_statements('m', module)
    return answer(reader)


def imported(folder: Path, text: str) -> ModuleType:
    """A module with a text."""
    name = f'code_{next(_numbers)}_{abs(hash(folder)) % 10**6}'
    (folder / f'{name}.py').write_text(textwrap.dedent(text))
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def answer(reader: Reader) -> dict[str, Any]:
    """What a role would answer."""
    return {
        'pieces': reader.pieces,
        'functions': reader.functions,
        'unread': reader.unread,
        'files': {told: f'/out/pack/{Path(file).name}' for told, file in reader.files.items()},
        'statements': {
            told: [(said, f'/out/pack/{Path(file).name}') for said, file in each]
            for told, each in reader.statements.items()
        },
        'values': {},
        'failed': {},
    }


class Told:
    """A role that gives one answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def ask(self, step: str, **arguments: Any) -> dict[str, Any]:
        return {'ok': True, **self._answer}


def check(original: dict[str, Any], pack: dict[str, Any], **manifest: Any) -> Shown:
    return check_code(Pair(Told(original), Told(pack), RenamedTypes(manifest), parallel=False))


def compare(folder: Path, pack: str) -> None:
    check(read(folder, ORIGINAL), read(folder, pack), scopes=['lib'], diagnostics=[BROKEN])


def test_what_flattening_changes_is_no_difference(tmp_path: Path) -> None:
    original, pack = read(tmp_path, ORIGINAL), read(tmp_path, PACK)
    found = check(original, pack, scopes=['lib'], diagnostics=[BROKEN])
    assert found.notes == ()
    assert set(pack['pieces']) <= set(original['pieces'])
    assert {'m:Leaf._Base_init', 'm:Leaf._Base_run', 'm:Leaf._Base_SIZES', 'm:Leaf.half'} <= set(pack['pieces'])


CALL = '            y = self._Base_other(y, x)\n'


@pytest.mark.parametrize(
    ('old', 'new', 'said'),
    [
        ('y > 3', 'y >= 3', 'run: original has >, pack >='),
        ('y > 3', 'y > 4', 'run: original has 3, pack 4'),
        ('y > 3 and', 'y > 3 or', 'run: original has and, pack or'),
        ('self._Base_run(x, by=by)', 'self._Base_run(by, by=x)', 'run: original has x, pack by'),
        ('self._Base_run(x, by=by)', 'self.run(x, by=by)', 'run: original has parent run, pack self'),
        ('self._Base_other(y, x)', 'self._Base_other(x, y)', 'run: original has y, pack x'),
        ('self._Base_other(y, x)', 'self._Base_run(y, x)', 'run: original has parent other, pack parent run'),
        ('x + by\n\n    _Base', 'x - by\n\n    _Base', '_Base_run: original has +, pack -'),
        ('a.first - b.second\n\n    _', 'a.second - b.second\n\n    _', 'other: original has .first, pack .second'),
        ('self.width * 2', 'self.height * 2', 'size: original has .width, pack .height'),
        ('partial(getcwd', 'partial(len', 'run: original has posix.getcwd, pack builtins.len'),
        ('by=2', 'by=3', 'run: original has 2, pack 3'),
        ("'Net'", "'Head'", "run: original has 'lib.Net', pack 'Head'"),
        (CALL, '            pass\n', 'run: original has assign, pack pass'),
        (CALL, '            pass\n        y = self._Base_other(y, x)\n', 'run: original has assign, pack pass'),
        (' if each]', ']', 'run: original has each, pack the end'),
        ('x.max(axis=0)', 'x.max(axis=1)', '_Base_init: original has 0, pack 1'),
        ('self._Base_init(x)', 'pass', '__init__: original has expr, pack pass'),
        ('.sum().detach()', '.sum()', 'wrapped: original has call, pack x'),
        ('x.sum()', 'x.mean()', 'wrapped: original has .sum, pack .mean'),
        ('numpy.max', 'numpy.min', 'most: original has numpy.max, pack numpy.min'),
        ('(x + 1) * RATE', 'x + 1 * RATE', 'most: original has *, pack +'),
        ('RATE, -1)', 'RATE, (1))', 'most: original has minus, pack 1'),
        ('RATE, -1) if x.ndim else x', 'x) if x.ndim else numpy.max(RATE, -1)', 'most: original has '),
        ('torch.no_grad', 'torch.enable_grad', 'most: original has torch.autograd.grad_mode.no_grad, pack torch'),
        ('dtype=torch.float32', 'dtype=torch.float64', 'slow: original has torch.float32, pack torch.float64'),
        ('x / 2', 'x / 3', 'half: original has 2, pack 3'),
        ('(3, 4)', '(3, 5)', 'TABLE: original has 4, pack 5'),
        ('_Base_SIZES = [1]', '_Base_SIZES = [2]', '_Base_SIZES: original has 1, pack 2'),
        ('deep = True', 'deep = False', 'Options: original has True, pack False'),
        ('thing = None', 'thing = 0', '_asked: original has None, pack 0'),
        ("'Net'", "''", "run: original has 'lib.Net', pack ''"),
    ],
)
def test_what_flattening_never_changes_is_a_difference(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PACK
    with pytest.raises(DifferenceError) as raised:
        # The last: what is said of the parent itself, which stays in the pack, is no matter here.
        compare(tmp_path, new.join(PACK.rsplit(old, 1)))
    assert str(raised.value).startswith(f'm:Leaf.{said}')
    assert '(pack/code_' in str(raised.value)


def test_functions_that_cannot_be_compared_are_said(tmp_path: Path) -> None:
    added = """

def of(number):
    return lambda self: number


Leaf.first, Leaf.second = of(1), (lambda self: 1, lambda self: 2)[0]
"""
    found = check(read(tmp_path, ORIGINAL), read(tmp_path, PACK + added), scopes=['lib'], diagnostics=[BROKEN])
    assert found.notes == (
        'not compared, since several are on its line: m:Leaf.second',
        'not compared, since the original has none under this name: m:Leaf.first',
    )


def test_values_and_functions_of_a_module_are_compared_by_their_statements(tmp_path: Path) -> None:
    text = 'import re\n\nSHAPES = [re.compile("a+"), (1, {\'b\': 2})]\n\n\n@str\ndef told(x):\n    return -x\n'
    original = read_globals(tmp_path, text, 'SHAPES', 'told')
    check(original, read_globals(tmp_path, text, 'SHAPES', 'told'))
    for old, new, said in (
        ('a+', 'a*', "SHAPES: original has 'a+', pack 'a*'"),
        ('2})', '3})', 'SHAPES: original has 2, pack 3'),
        ('-x', 'x', 'told: original has minus, pack x'),
    ):
        with pytest.raises(DifferenceError, match=rf'^m:{re.escape(said)} \(pack/code_'):
            check(original, read_globals(tmp_path, text.replace(old, new), 'SHAPES', 'told'))


def test_globals_are_compared_but_for_names(tmp_path: Path) -> None:
    answer = {**read(tmp_path, ORIGINAL), 'values': {'m:A': '1', 'm:B': "'lib.Net'"}}
    check(answer, {**answer, 'values': {'m:A': '1', 'm:B': "'Net'"}}, scopes=['lib'])
    with pytest.raises(DifferenceError, match=r'^m:A: original 1, pack 2$'):
        check(answer, {**answer, 'values': {'m:A': '2'}})
    with pytest.raises(DifferenceError, match=r'^m:f: pack has none$'):
        check(answer, {**answer, 'failed': {'m:f': 'AttributeError'}})


def test_what_cannot_be_compared_by_its_text_is_not_shown(tmp_path: Path) -> None:
    answer = read(tmp_path, ORIGINAL)
    with pytest.raises(NotShownError, match='written out where they are called'):
        check(answer, answer, inlined=True)
    with pytest.raises(NotShownError, match='no text of the original is here'):
        check({**answer, 'pieces': {}}, answer)


def test_the_name_of_a_module_is_another_one_in_a_pack(tmp_path: Path) -> None:
    text = 'import importlib\n\n\ndef load():\n    return importlib.import_module({})\n'
    symbols = [{'symbol': 'lib.net:Net', 'in': 'pack/models/net.py'}]
    original = read_globals(tmp_path, text.format("'lib.net'"), 'load')
    for name in ("'pack.models.net'", "__package__.rsplit('.', 1)[0] + '.net'"):
        check(original, read_globals(tmp_path, text.format(name), 'load'), symbols=symbols)
    for name in ("'pack.models.head'", "__package__ + '.head'", "''"):
        with pytest.raises(DifferenceError, match=r"^m:load: original has 'lib\.net', pack "):
            check(original, read_globals(tmp_path, text.format(name), 'load'), symbols=symbols)


def test_statements_that_name_nothing_are_some_of_the_original_s(tmp_path: Path) -> None:
    text = 'TABLE = {}\nTABLE["a"] = 1\nTABLE.update(b=2)\nfor key in "cd":\n    TABLE[key] = 3\n'
    original = read_globals(tmp_path, text, 'TABLE')
    check(original, read_globals(tmp_path, text.replace('TABLE.update(b=2)\n', ''), 'TABLE'))
    for old, new, line in (('= 1', '= 2', 2), ('b=2', 'c=2', 3), ('"cd"', '"ce"', 4)):
        with pytest.raises(DifferenceError) as raised:
            check(original, read_globals(tmp_path, text.replace(old, new), 'TABLE'))
        assert re.search(
            rf'^m: a statement of the pack is none of the original \(pack/code_\w+\.py:{line}\)$', str(raised.value)
        )


def test_what_an_origin_has_from_a_library_may_be_imported_from_that_one(tmp_path: Path) -> None:
    text = 'def load(x):\n    from {} import tools\n    return tools.read(x).size\n'
    original = read_globals(tmp_path, text.format('.own'), 'load')
    check(original, read_globals(tmp_path, text.format('lib.own'), 'load'))
    for old, new in (('.size', '.shape'), ('read(x)', 'read(1)'), ('.size', ''), ('.size', '.size.real')):
        with pytest.raises(DifferenceError, match=r'^m:load: original has '):
            check(original, read_globals(tmp_path, text.format('lib.own').replace(old, new), 'load'))
