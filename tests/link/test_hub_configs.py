"""Models that code builds by ``mmengine.hub``, of a config that it names by an installed package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'reach'))
import pytest
from mmengine.config import utils
from small_projects import small

NET = """
from mmengine.hub import get_model
from mmengine.model import BaseModule
from NAME.registry import MODELS

@MODELS.register_module()
class Teacher(BaseModule):
    def __init__(self, size, data_preprocessor=None):
        super().__init__()
        self.size, self.data_preprocessor = size, data_preprocessor

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, teacher):
        super().__init__()
        self.teacher, self.other = get_model(teacher), self.named()

    def named(self):
        from mmengine import hub
        from mmengine.hub import get_config as known
        return known('NAME::teachers/two.py').model.size
"""
FILES = {
    'net.py': NET,
    'utils.py': 'def register_all_modules():\n    pass\n',
    '.mim/model-index.yml': 'Import:\n- configs/metafile.yml\n- configs/other.yml\n',
    '.mim/configs/metafile.yml': 'Models:\n- Config: configs/teachers/one.py\n- Config: configs/teachers/two.py\n',
    '.mim/configs/other.yml': 'Models:\n- Config: configs/others/one.py\n',
    '.mim/configs/teachers/one.py': "model = dict(type='Teacher', size=3)\ndata_preprocessor = dict(kind='plain')\n",
    '.mim/configs/teachers/two.py': "_base_ = './one.py'\nmodel = dict(size=4)\n",
}


class EveryPackage(dict[str, str]):
    """A table of packages that has whichever is looked up."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return key


@pytest.fixture(autouse=True)
def own_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hub take packages of our own, beside those that it has a list of."""
    monkeypatch.setattr(utils, 'MODULE2PACKAGE', EveryPackage())


def test_a_model_that_a_hub_gives_by_the_name_of_a_package_is_built_without_it(tmp_path: Path) -> None:
    project = small(tmp_path, FILES, model="dict(type='Net', teacher='NAME::teachers/one.py')")
    asked = 'type(net.teacher).__module__, net.teacher.size, net.teacher.data_preprocessor.kind, net.other'
    assert project.run(asked) == "('pack.net', 3, 'plain', 4)"
    names = [
        file.name for file in project.result.out.rglob('*') if file.suffix == '.yml' or file.parent.name == 'teachers'
    ]
    assert sorted(names) == ['one.py', 'two.py']  # No index in which the hub looked them up.
    assert 'from .config_hub import get_model' in project.text('net')


def test_a_package_without_such_models_has_nothing_for_them(tmp_path: Path) -> None:
    net = NET.replace('get_model(teacher), self.named()', 'teacher, 0')
    project = small(tmp_path, {**FILES, 'net.py': net}, model="dict(type='Net', teacher='NAME::teachers/one.py')")
    assert not project.has('config_hub') and 'from mmengine.hub import get_config as known' in project.text('net')
