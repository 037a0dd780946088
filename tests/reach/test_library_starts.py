"""A library class that is named only where a parent's ``super`` starts comes along under a name that nothing hides."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import small

PARENTS = """
from logging import Filterer as Front

class Parent:
    def filter(self, record):
        return super().filter(record)

    def go(self, record, Filterer='kept'):
        return Parent.filter(self, record), Filterer

class Passing(Front, Parent):
    pass
"""
NET = """
from logging import Filter

from mmengine.model import BaseModule
from NAME.parents import Passing
from NAME.registry import MODELS

@MODELS.register_module()
class Net(Passing, Filter, BaseModule):
    def __init__(self):
        BaseModule.__init__(self)
        self.name, self.nlen, self.filters = 'x', 1, []

    def asked(self, Front, record):
        return bool(self.go(record)[0]), self.go(record)[1]
"""


def test_it_is_imported_where_the_text_stands(tmp_path: Path) -> None:
    project = small(tmp_path, {'parents.py': PARENTS, 'net.py': NET})
    text = project.text('net')
    assert 'class Net(Front, Filter, BaseModule):' in text, text
    assert 'super(Front, self).filter(record)' in text, text
    record = "__import__('logging').LogRecord('y', 1, '', 1, '', (), None)"
    assert project.run(f'net.asked(None, {record})') == "(False, 'kept')"
