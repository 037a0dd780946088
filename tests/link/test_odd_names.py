"""Names as long as they can be, or in more than one line: of classes, modules, keys and scopes."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'reach'))
from small_projects import small

LONG = 'n' * 300
MODULE = 'm' * 251
REGISTRY = f"""
from mmengine.registry import MODELS as PARENT
from mmengine.registry import Registry

MODELS = Registry('model', parent=PARENT, locations=['NAME.net', 'NAME.{MODULE}'])
OTHER = Registry('model', parent=PARENT, scope='NAME\\n{LONG}')
"""
NET = f"""
from mmengine.model import BaseModule
from NAME.registry import MODELS, OTHER

@MODELS.register_module('A key\\nin lines')
class {LONG}(BaseModule):
    pass

@OTHER.register_module('Own-2 (new)')
class Own(BaseModule):
    '''In a scope of its own.'''

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, parts):
        super().__init__()
        self.parts = [MODELS.build(each) for each in parts]
"""
FAR = f"""
from mmengine.model import BaseModule
from NAME.registry import MODELS

@MODELS.register_module('{LONG}')
class Far(BaseModule):
    pass
"""


def test_names_that_are_long_or_in_lines_are_names(tmp_path: Path) -> None:
    parts = ['A key\nin lines', LONG, f'NAME\n{LONG}.Own-2 (new)']
    model = f"dict(type='Net', parts={[{'type': each} for each in parts]!r})"
    project = small(tmp_path, {'registry.py': REGISTRY, 'net.py': NET, f'{MODULE}.py': FAR}, model)
    found = project.run('[type(each).__name__ for each in net.parts]')
    assert ast.literal_eval(found) == [LONG, 'Far', 'Own']
