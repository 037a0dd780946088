"""What flattening and linking never change of a function, and what they do."""

from __future__ import annotations

import importlib
import itertools
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from introspect_export.verify.child.code import _Reader
from introspect_export.verify.code_level import check_code
from introspect_export.verify.naming import Naming
from introspect_export.verify.pair import DifferenceError, NotShownError, Pair

_numbers = itertools.count()

ORIGINAL = '''
import os
from functools import partial as part


class Base:
    def run(self, x, *, by=1):
        """Run."""
        return x + by

    def other(self, a, b):
        return a.first - b.second


class Leaf(Base):
    @property
    def size(self):
        return self.width * 2

    def run(self, x, *, by=2):
        import os.path as path
        # Its parent's.
        y = super().run(x, by=by)
        if y > 3 and path:
            y = Base.other(self, y, x)
        return [part(os.getcwd, each) for each in y if each], 'lib.Net', f'{Base.__name__}: {y}'
'''
PACK = '''
from functools import partial
from os import getcwd


class Base:
    def run(self, x, *, by=1):
        """Run."""
        return x + by

    def other(self, a, b):
        return a.first - b.second


class Leaf:
    def _Base_run(self, x, *, by=1):
        """Run."""
        return x + by

    def other(self, a, b):
        return a.first - b.second

    @property
    def size(self):
        return self.width * 2

    def run(self, x, *, by=2):
        from . import path
        y = self._Base_run(x, by=by)
        if y > 3 and path:
            y = self.other(y, x)
        return [partial(getcwd, each)
                for each in y if each], 'Net', f'{names.Base.__name__}: {y}'
'''


def read(folder: Path, text: str) -> dict[str, Any]:
    """The functions in a module's class ``Leaf``."""
    name = f'code_{next(_numbers)}_{abs(hash(folder)) % 10**6}'
    (folder / f'{name}.py').write_text(textwrap.dedent(text))
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
    reader = _Reader(frozenset({name}))
    reader.add_class('m:Leaf', module.Leaf)
    return {
        'functions': reader.functions,
        'files': {told: f'/out/pack/{Path(file).name}' for told, file in reader.files.items()},
        'as_they_are': reader.as_they_are,
        'values': {},
        'failed': {},
    }


class Told:
    """A role that gives one answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def ask(self, step: str, **arguments: Any) -> dict[str, Any]:
        return {'ok': True, **self._answer}


def check(original: dict[str, Any], pack: dict[str, Any], **manifest: Any) -> None:
    check_code(Pair(Told(original), Told(pack), Naming(manifest), parallel=False))


def test_what_flattening_changes_is_no_difference(tmp_path: Path) -> None:
    check(read(tmp_path, ORIGINAL), read(tmp_path, PACK))


@pytest.mark.parametrize(
    ('old', 'new', 'said'),
    [
        ('y > 3', 'y >= 3', 'm:Leaf.run: original has >, pack >='),
        ('y > 3', 'y > 4', 'm:Leaf.run: original has 3, pack 4'),
        ('y > 3 and', 'y > 3 or', 'm:Leaf.run: original has and, pack or'),
        ('self._Base_run(x, by=by)', 'self._Base_run(by, by=x)', 'm:Leaf.run: original has x, pack by'),
        ('self.other(y, x)', 'self.other(x, y)', 'm:Leaf.run: original has y, pack x'),
        ('x + by\n\n    def other', 'x - by\n\n    def other', 'm:Leaf._Base_run: original has +, pack -'),
        (
            'a.first - b.second\n\n    @',
            'a.second - b.second\n\n    @',
            'm:Leaf.other: original has first, pack second',
        ),
        ('self.width * 2', 'self.height * 2', 'm:Leaf.size: original has width, pack height'),
        ('partial(getcwd', 'partial(len', 'm:Leaf.run: original has posix.getcwd, pack builtins.len'),
        ('by=2', 'by=3', 'm:Leaf.run: original has 2, pack 3'),
        ("'Net'", "'Head'", "m:Leaf.run: original has 'Net', pack 'Head'"),
        ('            y = self.other(y, x)\n', '            pass\n', 'm:Leaf.run: original has y, pack pass'),
        ('            y = self.other(y, x)\n', '            pass\n        y = self.other(y, x)\n', 'm:Leaf.run: '),
        (' if each]', ']', 'm:Leaf.run: original has if, pack ]'),
    ],
)
def test_what_flattening_never_changes_is_a_difference(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PACK
    with pytest.raises(DifferenceError) as raised:
        # The last: what is said of the parent itself, which stays in the pack, is no matter here.
        check(read(tmp_path, ORIGINAL), read(tmp_path, new.join(PACK.rsplit(old, 1))))
    assert str(raised.value).startswith(said)
    assert '(pack/code_' in str(raised.value)


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
        check({**answer, 'functions': {}}, answer)
    broken = {'code': 'IE-BROKEN-IMPORT', 'subject': 'm:Leaf'}
    check(answer, read(tmp_path, PACK.replace('y > 3', 'y > 4')), diagnostics=[broken])
