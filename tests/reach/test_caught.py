"""Ancestors that live code asks for in an except clause, or inside of another class, stay ancestors."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import small

ERRORS = """
from abc import ABCMeta

class Root(Exception):
    code = 1
    def text(self):
        return 'root'

class Caught(Root):
    def text(self):
        return 'caught', super().text()

class Free(Caught):
    def text(self):
        return 'free', super().text()

class Last(Free):
    def text(self):
        return 'last', super().text()

class Abstract(Exception, metaclass=ABCMeta):
    def text(self):
        return 'abstract'

class Concrete(Abstract):
    def text(self):
        return 'concrete', super().text()

class Holder:
    class Error(Exception):
        def text(self):
            return 'inner'

    class Kind:
        def g(self):
            return 1

class Held(Holder.Error):
    def text(self):
        return 'held', super().text()

class Sort(Holder.Kind):
    def g(self):
        return super().g(), 2
"""
NET = """
from mmengine.model import BaseModule
from NAME import errors
from NAME.errors import Last, Concrete, Held, Holder, Sort
from NAME.registry import MODELS


@MODELS.register_module()
class Net(BaseModule):
    def __init__(self):
        super().__init__()
        self.sort = Sort()

    def f(self):
        out = []
        for kind in (Last, Concrete, Held):
            try:
                raise kind(3)
            except (errors.Caught, ValueError) as error:
                out.append(('a', error.text(), error.args))
            except errors.Abstract as error:
                out.append(('b', error.text()))
            except Holder.Error as error:
                out.append(('c', error.text()))
        return out, isinstance(self.sort, Holder.Kind), self.sort.g()
"""


def test_what_is_caught_stays_an_ancestor(tmp_path: Path) -> None:
    made = small(tmp_path, {'net.py': NET, 'errors.py': ERRORS}, flatten='all')
    assert made.run('net.f()') == (
        "([('a', ('last', ('free', ('caught', 'root'))), (3,)), ('b', ('concrete', 'abstract')), "
        "('c', ('held', 'inner'))], True, (1, 2))"
    )
    for kept in ('Caught(Exception)', 'Last(Caught)', 'Concrete(Abstract)', 'Held(Holder.Error)', 'Sort(Holder.Kind)'):
        assert f'class {kept}:' in made.text('errors')
    said = {each.subject.rpartition(':')[2]: each.message for each in made.result.diagnostics}
    assert set(said) == {'Last', 'Concrete', 'Held', 'Sort'}
    assert 'uses that class as a value' in said['Last']
    assert 'an attribute of a class of the package' in said['Held']
