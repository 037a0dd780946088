"""Public reports about registries and configs, each tried on a small project: the package does what the original does.

The projects are in words of our own; `docs/reports_tried.md` has the addresses of the reports.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from small_projects import small

from introspect_export import ExportError

NET = """
from torch import nn
from NAME.registry import MODELS

@MODELS.register_module()
class Net(nn.Module):
    def __init__(self, part=None, other=None):
        super().__init__()
        self.part = MODELS.build(part) if part else None
        self.other = MODELS.build(other) if other else None
"""
PARTS = """
from torch import nn
from NAME.registry import MODELS

@MODELS.register_module()
class Part(nn.Module):
    def __init__(self, size=1, coder=dict(type='Coder', means=[1.0])):
        super().__init__()
        self.size, self.coder = size, coder and MODELS.build(coder)

@MODELS.register_module()
class Coder(nn.Module):
    def __init__(self, means):
        super().__init__()
        self.means = list(means)
"""


def test_a_coder_registered_by_a_custom_import_is_built_by_a_parents_constructor(tmp_path: Path) -> None:
    """open-mmlab/mmengine issue 1013: registered, and yet not in the registry where a parent builds it."""
    head = """
from NAME.net import Net
from NAME.registry import MODELS

class Anchors(Net):
    def __init__(self, coder):
        super().__init__(part=coder)

@MODELS.register_module()
class Segments(Anchors):
    def __init__(self, **more):
        super().__init__(coder=dict(type='Part', **more))
"""
    more = "custom_imports = dict(imports=['NAME.extra.head', 'NAME.extra.parts'], allow_failed_imports=False)\n"
    files = {'net.py': NET, 'extra/parts.py': PARTS, 'extra/head.py': head}
    project = small(tmp_path, files, "dict(type='Segments', size=4)", more)
    assert project.run('net.part.size, net.part.coder.means') == '(4, [1.0])'


def test_a_registry_whose_parent_has_a_parent(tmp_path: Path) -> None:
    """open-mmlab/mmdetection issue 11963: a registry that inherits one that inherits mmengine's."""
    registry = """
from mmengine.registry import MODELS as ROOT, Registry
MODELS = Registry('model', parent=ROOT, locations=['NAME.net'])
NEAR = Registry('model', parent=MODELS, scope='near_NAME', locations=['NAME.near'])
"""
    near = """
from torch import nn
from NAME.registry import NEAR

@NEAR.register_module()
class Near(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.part = NEAR.build(part)
"""
    model = "dict(type='near_NAME.Near', part=dict(type='Net', part=dict(type='Part', size=2)))"
    more = "custom_imports = dict(imports=['NAME.near', 'NAME.parts'], allow_failed_imports=False)\n"
    project = small(tmp_path, {'net.py': NET, 'parts.py': PARTS, 'near.py': near, 'registry.py': registry}, model, more)
    assert project.run('type(net).__name__, net.part.part.size') == "('Near', 2)"


def test_a_class_is_registered_in_the_root_and_in_the_child(tmp_path: Path) -> None:
    """open-mmlab/mmengine issue 1111: a class of a child registry put into its parent."""
    net = NET.replace('@MODELS.register_module()', '@ROOT.register_module()\n@MODELS.register_module()').replace(
        'from torch import nn', 'from mmengine.registry import MODELS as ROOT\nfrom torch import nn'
    )
    project = small(tmp_path, {'net.py': net, 'parts.py': PARTS}, "dict(type='mmengine.Net')")
    assert project.run('type(net).__name__, net.part') == "('Net', None)"


def test_one_section_is_named_twice(tmp_path: Path) -> None:
    """hydra-ecosystem/hydra issues 1410 and 1430: what two places refer to is built for each of them."""
    model = "dict(type='Net', part=shared, other=shared)"
    files = {'net.py': NET + PARTS.replace('from torch import nn\nfrom NAME.registry import MODELS\n', '')}
    project = small(tmp_path, files, f"(shared := dict(type='Part', size=3)) and {model}")
    assert project.run('net.part.size, net.other.size, net.part is net.other') == '(3, 3, False)'


def test_a_class_inside_of_a_class_is_registered(tmp_path: Path) -> None:
    """hydra-ecosystem/hydra issue 1914: a class that is named by another class is not a module's own."""
    nested = """
from torch import nn
from NAME.registry import MODELS

class Outer:
    @MODELS.register_module()
    class Inner(nn.Module):
        def __init__(self, size=5):
            super().__init__()
            self.size = size
"""
    project = small(tmp_path, {'net.py': NET + nested}, "dict(type='Net', part=dict(type='Inner', size=6))")
    assert project.run('net.part.size, type(net.part).__qualname__') == "(6, 'Outer.Inner')"


def test_a_part_is_built_where_it_is_first_called(tmp_path: Path) -> None:
    """hydra-ecosystem/hydra issue 2679: what is instantiated instantiates something else, later."""
    lazy = """
from torch import nn
from NAME.registry import MODELS

@MODELS.register_module()
class Lazy(nn.Module):
    kind = 'Part'
    def ready(self, size):
        return MODELS.build(dict(type='Part', size=size))
"""
    files = {'net.py': NET + lazy + PARTS.replace('from torch import nn\nfrom NAME.registry import MODELS\n', '')}
    project = small(tmp_path, files, "dict(type='Net', part=dict(type='Lazy'))")
    assert project.run('net.part.ready(8).size, net.part.ready(8).coder.means') == '(8, [1.0])'


def test_a_config_that_imports_for_a_value_fails_at_its_line(tmp_path: Path) -> None:
    """open-mmlab/mmengine pull request 1239: an import makes a config a lazy one, in which nothing can be called."""
    more = 'import collections\nnames = list(collections.OrderedDict(a=1, b=2))\ndel collections\n'
    with pytest.raises(ExportError, match=r'conf/config\.py:4: RuntimeError'):
        small(tmp_path, {'net.py': NET}, more=more)


def test_the_default_scope_is_that_of_another_library(tmp_path: Path) -> None:
    """open-mmlab/mmpretrain issue 1839: built in a scope that is not that of the classes."""
    more = "default_scope = 'mmengine'\ncustom_imports = dict(imports=['NAME.net'], allow_failed_imports=False)\n"
    files = {'net.py': NET + PARTS.replace('from torch import nn\nfrom NAME.registry import MODELS\n', '')}
    project = small(tmp_path, files, "dict(type='NAME.Net', part=dict(type='NAME.Part', size=9, coder=None))", more)
    assert project.run('net.part.size') == '9'
