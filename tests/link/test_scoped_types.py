"""Types with a scope before their name, whichever registry of the family holds them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'reach'))
import pytest
from small_projects import SCOPED_REGISTRY, small

NET = """
from mmengine.model import BaseModule
from mmengine.registry import MODELS as ROOT
from NAME.registry import BESIDE, INNER, MODELS

@MODELS.register_module()
class Own(BaseModule):
    pass

@INNER.register_module()
class Nested(BaseModule):
    pass

@ROOT.register_module()
class OfNAME(BaseModule):
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, parts, default=dict(type='NAME_b.ImgDataPreprocessor'), dead=dict(type='NAME_b.Own')):
        super().__init__()
        self.parts = [MODELS.build(each) for each in [*parts, default]]

    def late(self):
        return [INNER.get('NAME.OfNAME'), BESIDE.get('NAME.NAME_i.Nested'), ROOT.build(dict(type='NAME_b.OfNAME'))]
"""


def test_a_scope_leads_to_whichever_registry_of_the_family_holds_the_type(tmp_path: Path) -> None:
    given = ', '.join(f"dict(type='{each}')" for each in ('NAME_b.OfNAME', 'NAME_i.Own', 'NAME_i.Nested'))
    files = {'registry.py': SCOPED_REGISTRY, 'net.py': NET}
    project = small(tmp_path, files, model=f"dict(type='Net', parts=[{given}])")
    root = f'Of{project.name}'
    assert project.run('[type(each).__name__ for each in net.parts]') == str(
        [root, 'Own', 'Nested', 'ImgDataPreprocessor']
    )
    found = project.run('[getattr(each, "__name__", type(each).__name__) for each in net.late()]')
    assert found == str([root, 'Nested', root])
    # What no registry of that scope leads to is no fault of the package, though another scope has the name.
    manifest = json.loads((project.result.out / 'manifest.json').read_text())
    assert manifest['unknown_types'] == [f'{project.name}_b.Own']


HIDING = """
from mmengine.model import BaseModule
from NAME.registry import BESIDE, MODELS

@MODELS.register_module()
class ImgDataPreprocessor(BaseModule):
    pass

@BESIDE.register_module()
class BaseDataPreprocessor(BaseModule):
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(
        self, parts, default=dict(type='NAME_b.ImgDataPreprocessor'), plain=dict(type='ImgDataPreprocessor')
    ):
        super().__init__()
        self.parts = [MODELS.build(each) for each in [*parts, default]]
"""


def test_one_name_goes_on_to_mean_what_it_meant_in_each_scope(tmp_path: Path) -> None:
    names = 'ImgDataPreprocessor', 'NAME_b.ImgDataPreprocessor', 'BaseDataPreprocessor', 'NAME_b.BaseDataPreprocessor'
    given = ', '.join(f"dict(type='{each}')" for each in names)
    model = f"dict(type='Net', parts=[{given}, dict(type='BaseDataPreprocessor', _scope_='NAME_b')])"
    project = small(tmp_path, {'registry.py': SCOPED_REGISTRY, 'net.py': HIDING}, model=model)
    found = project.run('"".join(type(each).__module__[0] for each in net.parts)')
    assert found == 'pmmppm'  # Of the package, or of mmengine.
    assert "'mmengine.ImgDataPreprocessor'" in project.text('net')
    assert "plain=dict(type='ImgDataPreprocessor')" in project.text('net')


SCOPED = """
from mmengine.model import BaseModel
from mmengine.registry import MODELS as ROOT
from mmengine.registry import DefaultScope
from NAME.registry import BESIDE, MODELS

@BESIDE.register_module()
class Part(BaseModel):
    def forward(self):
        return DefaultScope.get_current_instance().scope_name == 'NAME'

@MODELS.register_module()
class Net(BaseModel):
    def __init__(self, parts, scope_name='NAME_b'):
        super().__init__()
        parts[0].update(_scope_='NAME_b')
        parts[1]['_scope_'] = 'NAME_b'
        parts[2].setdefault('_scope_', 'NAME_b')
        self.parts = [ROOT.build(each) for each in parts]
        with DefaultScope.overwrite_default_scope('NAME_b'), ROOT.switch_scope_and_registry(scope=scope_name) as found:
            self.parts.append(found.build({'type': 'Part', '_scope_': 'NAME_b'}))

    def forward(self):
        return [each() for each in self.parts], "NAME_b"
"""


def test_scopes_that_code_sets_are_those_of_the_package(tmp_path: Path) -> None:
    model = f"dict(type='Net', parts=[{', '.join(['dict(type=' + repr('Part') + ')'] * 3)}])"
    project = small(tmp_path, {'registry.py': SCOPED_REGISTRY, 'net.py': SCOPED}, model=model)
    assert project.run('net()') == str(([True] * 4, f'{project.name}_b'))


ASKING_BESIDE = """
from mmengine.model import BaseModule
from NAME.registry import BESIDE, MODELS

@MODELS.register_module()
class Child(BaseModule):
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, child, beside):
        super().__init__()
        self.child, self.beside = MODELS.build(child), MODELS.build(beside)

@BESIDE.register_module()
class Outer(BaseModule):
    def __init__(self, child, default=dict(type='NAME.Child')):
        super().__init__()
        self.child, self.other = BESIDE.build(child), BESIDE.build(default)
"""


def test_a_registry_beside_finds_a_type_of_the_package_by_its_scope(tmp_path: Path) -> None:
    files = {'registry.py': SCOPED_REGISTRY, 'net.py': ASKING_BESIDE}
    child = "dict(type='NAME.Child')"
    model = f"dict(type='Net', child={child}, beside=dict(type='NAME_b.Outer', child={child}))"
    project = small(tmp_path, files, model=model)
    asked = 'type(net.child).__name__, type(net.beside.child).__name__, type(net.beside.other).__name__'
    assert project.run(asked) == "('Child', 'Child', 'Child')"


ASKING_UNDER_A_SCOPE = """
from mmengine.model import BaseModule
from mmengine.registry import HOOKS as ROOT
from NAME.registry import BESIDE, HOOKS, MODELS

@HOOKS.register_module()
class Watch:
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, watch, beside):
        super().__init__()
        self.watch, self.beside = ROOT.build(watch), BESIDE.build(beside)

@BESIDE.register_module()
class Outer(BaseModule):
    pass
"""


def test_a_scope_without_a_registry_of_the_kind_leads_to_a_type_by_its_own_scope(tmp_path: Path) -> None:
    """Under a scope that has none of these registries the root is asked."""
    registry = f"{SCOPED_REGISTRY}from mmengine.registry import HOOKS as ROOT\nHOOKS = Registry('hook', parent=ROOT)\n"
    files = {'registry.py': registry, 'net.py': ASKING_UNDER_A_SCOPE}
    watch = "dict(type='NAME.Watch', _scope_='NAME_b')"
    project = small(tmp_path, files, model=f"dict(type='Net', watch={watch}, beside=dict(type='NAME_b.Outer'))")
    assert project.run('type(net.watch).__name__') == 'Watch'


SHARED = """
from mmengine.model import BaseModule
from mmengine.registry import HOOKS as ROOT
from NAME.registry import BESIDE, HOOKS, HOOKS_BESIDE, MODELS

@HOOKS.register_module()
class Watch:
    pass

@HOOKS_BESIDE.register_module()
class Observe:
    pass

@MODELS.register_module()
class Twice(BaseModule):
    pass

@BESIDE.register_module(name='Twice')
class TwiceBeside(BaseModule):
    pass

@MODELS.register_module()
class Net(BaseModule):
    def __init__(self, beside, hooks):
        super().__init__()
        self.own, self.beside = MODELS.build(dict(type='Twice')), BESIDE.build(beside)
        self.hooks = [ROOT.build(each) for each in hooks]
"""


@pytest.mark.parametrize('package', ['pack', 'renamed'])
def test_a_merged_registry_is_found_under_a_scope_that_keeps_others(tmp_path: Path, package: str) -> None:
    registry = f"""{SCOPED_REGISTRY}
from mmengine.registry import HOOKS as ROOT
HOOKS = Registry('hook', parent=ROOT)
HOOKS_BESIDE = Registry('hook', parent=ROOT, scope='NAME_b')
"""
    hooks = "[dict(type='Observe', _scope_='NAME_b'), dict(type='NAME.Watch', _scope_='NAME_b'), dict(type='Watch')]"
    model = f"dict(type='Net', beside=dict(type='NAME_b.Twice'), hooks={hooks})"
    project = small(tmp_path, {'registry.py': registry, 'net.py': SHARED}, model=model)
    asked = 'type(net.own).__name__, type(net.beside).__name__, *[type(each).__name__ for each in net.hooks]'
    expected = "('Twice', 'TwiceBeside', 'Observe', 'Watch', 'Watch')"
    assert project.run(asked, package) == expected
