"""The rule for what is origin, and how a user overrides it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from mmengine.registry import MODELS, Registry

from introspect_export.observe.origin_policy import Boundary, may_be_origin, registry_bindings


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Loaded packages as if installed: one registers into mmengine's registries, one has its own, one uses that."""
    import mmengine

    own = Registry('model', scope='owner')
    held = {'user_of_mmengine': MODELS, 'owner.registry': own, 'user_of_owner.deep.inside': own, 'neither': None}
    for name, registry in held.items():
        for length in range(1, len(name.split('.')) + 1):
            part = '.'.join(name.split('.')[:length])
            module = ModuleType(part)
            module.__file__ = mmengine.__file__  # A folder of installed packages.
            monkeypatch.setitem(sys.modules, part, module)
        sys.modules[name].__dict__['KNOWN'] = registry
    project = ModuleType('loose')
    project.__file__ = str(tmp_path_factory.mktemp('work') / 'loose.py')
    monkeypatch.setitem(sys.modules, 'loose', project)
    yield


@pytest.mark.usefixtures('packages')
def test_who_holds_a_registry_that_is_not_the_frameworks_is_origin() -> None:
    boundary = Boundary()
    assert boundary.is_origin('owner') and boundary.is_origin('owner.models.any')
    assert boundary.is_origin('user_of_owner')
    assert not boundary.is_origin('user_of_mmengine')
    assert not boundary.is_origin('neither')
    assert boundary.is_origin('loose')
    assert boundary.is_origin('__main__')


@pytest.mark.usefixtures('packages')
def test_the_user_has_the_last_word() -> None:
    boundary = Boundary(intern=['neither', 'owner.models'], extern=['owner', 'loose'])
    assert boundary.is_origin('neither.part')
    assert not boundary.is_origin('owner.registry')
    assert boundary.is_origin('owner.models.heads')
    assert not boundary.is_origin('owner.modelsx')
    assert not boundary.is_origin('loose')


def test_libraries_stay_libraries() -> None:
    boundary = Boundary()
    for name in ('mmengine', 'torch.nn', 'numpy', 'os.path', 'introspect_export.observe', 'typing'):
        assert not boundary.is_origin(name)


class _Importing:
    """Garbage whose finalizer imports another module, and leaves garbage of its kind."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self._modules, self._itself = modules, self

    def __del__(self) -> None:
        name = f'imported_by_a_finalizer_{len(self._modules)}'
        self._modules[name] = ModuleType(name)
        if len(self._modules) < 100_000:
            _Importing(self._modules)


def test_finalizers_may_import_while_modules_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, 'modules', modules := sys.modules.copy())
    before, threshold = len(modules), gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        _Importing(modules)
        assert not may_be_origin('numpy', ())
        assert any(registry is MODELS for registry, _ in registry_bindings().values())
    finally:
        gc.set_threshold(*threshold)
    assert len(modules) > before + 1
    assert Boundary().is_origin('numpy') is False
