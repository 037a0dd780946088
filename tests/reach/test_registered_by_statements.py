"""Registry entries to which no name leads: closures, partials, decorated by a helper of another module."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import small

_HELPER = """
from mmengine.model import BaseModule
from NAME.registry import MODELS

class Layer(BaseModule):
    def __init__(self, width):
        super().__init__()
        self.width = width

def put(cls=None, width=5):
    if cls is None:
        return lambda one: put(one, 8)
    def build(**kwargs):
        return cls(width)
    MODELS._register_module(module=build, module_name=cls.__name__)
    return cls

MODELS.register_module(name='Unused', module=lambda: 7)
"""
_TABLE = """
import functools
from NAME.helper import Layer, put
from NAME.registry import MODELS

put(Layer)

@put()
class Eight(Layer):
    pass

@put()
class Other(Layer):
    pass

MODELS.register_module(name='Partial', module=functools.partial(Layer, 2))
MODELS.register_module(name='Lambda', module=lambda: Layer(11))
"""
_NET = """
import os
from mmengine.model import BaseModule
from NAME.registry import MODELS

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, layers):
        super().__init__()
        if FAILS and not os.environ.get('REACHED'):
            raise OSError('the hub cannot be reached, and there is no such folder')
        self.layers = [MODELS.build(layer) for layer in layers]
"""


@pytest.mark.parametrize('fails', [False, True])
def test_entries_that_are_closures_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    layers = ', '.join(f"dict(type='{each}')" for each in ('Layer', 'Eight', 'Partial', 'Lambda'))
    project = small(
        tmp_path,
        {'helper.py': _HELPER, 'table.py': _TABLE, 'net.py': _NET.replace('FAILS', str(fails))},
        model=f"dict(type='Net', layers=[{layers}])",
        more="custom_imports = dict(imports=['NAME.table'], allow_failed_imports=False)\n",
    )
    assert ('IE-MODEL-NOT-BUILT' in project.codes()) is fails
    assert 'Other' not in project.text('table')
    monkeypatch.setenv('REACHED', '1')
    assert project.run('[each.width for each in net.layers]') == '[5, 8, 2, 11]'


def test_a_hub_that_is_not_reached_is_told_by_its_cause(tmp_path: Path) -> None:
    net = """
    from mmengine.model import BaseModule
    from NAME.registry import MODELS

    @MODELS.register_module()
    class Net(BaseModule):
        def __init__(self):
            super().__init__()
            try:
                open('no_such_folder/file.txt')
            except OSError as error:
                raise ValueError('no tokenizer can be made') from error
    """
    project = small(tmp_path, {'net.py': net})
    message = next(each.message for each in project.result.diagnostics if each.code == 'IE-MODEL-NOT-BUILT')
    assert 'needs no_such_folder/file.txt, which is not here' in message
