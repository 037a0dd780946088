"""Two packages in one process that have registries of several scopes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'reach'))
from small_projects import SCOPED_REGISTRY, small

NET = """
from mmengine.model import BaseModule
from NAME.registry import BESIDE, INNER, MODELS

@MODELS.register_module()
class Part(BaseModule):
    pass

@BESIDE.register_module('Part')
class Beside(BaseModule):
    pass

@INNER.register_module('Part')
class Inner(BaseModule):
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, parts):
        super().__init__()
        self.parts = [MODELS.build(each) for each in parts]

    def asked(self):
        return [one.get(key) for one in (BESIDE, INNER) for key in ('NAME_b.Part', 'NAME_i.Part', 'NAME.Part')]
"""
SCRIPT = """
import importlib, sys
from pathlib import Path
from mmengine.config import Config
from mmengine.registry import MODELS

config = Config.fromfile(next(Path(sys.argv[1]).glob('configs/*/*.py'))).model
for names in (sys.argv[1:2], sys.argv[1:]):
    for name in names:
        importlib.import_module(name)
    for name in names:
        net = importlib.import_module(f'{name}.registry').MODELS.build(config)
        found = [*map(type, net.parts), *net.asked()]
        assert {each.__module__ for each in found} == {f'{name}.net'}, (names, found)
        print([each.__name__ for each in found])
for each in config.parts[1:]:
    scope, _, kind = each.type.partition('.')
    try:
        print(MODELS.build(dict(type=kind, _scope_=scope)))
    except KeyError as error:
        print('several packages' in str(error))
"""
PARTS = ['Part', 'Beside', 'Inner']


def test_what_each_names_is_its_own(tmp_path: Path) -> None:
    model = "dict(type='Net', parts=[dict(type='Part'), dict(type='NAME_b.Part'), dict(type='NAME_i.Part')])"
    project = small(tmp_path, {'registry.py': SCOPED_REGISTRY, 'net.py': NET}, model)
    assert project.run('[type(each).__name__ for each in net.parts]') == str(PARTS)
    for name in ('first_scopes', 'second_scopes'):
        shutil.copytree(project.result.out / 'pack', tmp_path / 'both' / name)
    shutil.copytree(project.result.out / 'pack', tmp_path / 'both' / 'pack')
    expected = str([*PARTS, *PARTS[1:], PARTS[0], *PARTS[1:], PARTS[0]])
    for names in (['first_scopes', 'second_scopes'], ['first_scopes', 'pack'], ['pack', 'second_scopes']):
        command = [sys.executable, '-W', 'ignore', '-c', SCRIPT, *names]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / 'both', check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        told = [each for each in done.stdout.splitlines() if ' - WARNING - ' not in each]
        assert told == [*[expected] * 3, 'True', 'True'], names
