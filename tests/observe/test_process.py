"""The process is as before: state, registries, extensions that were made up."""

from __future__ import annotations

import importlib
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger
from mmengine.registry import HOOKS, MODELS, DefaultScope, Registry
from mmengine.visualization import Visualizer

from introspect_export.load import load_config
from introspect_export.model.observation import Observation
from introspect_export.observe import observe_config
from introspect_export.observe.missing import NO_COMPILED_OPS, placeholder_diagnostics, placeholders


def state() -> dict[str, Any]:
    """What an observation must not change."""
    logger = logging.getLogger('vandal')
    return {
        'environment': {name: value for name, value in os.environ.items() if name != 'PYTEST_CURRENT_TEST'},
        'folder': os.getcwd(),
        'random': random.getstate(),
        'numpy': str(numpy.random.get_state()),
        'torch': torch.get_rng_state().tolist(),
        'switches': (torch.get_default_dtype(), torch.is_grad_enabled(), torch.backends.cudnn.benchmark),
        'warnings': list(warnings.filters),
        'logger': (logger.level, list(logger.handlers)),
        'path': list(sys.path),
        'finders': list(sys.meta_path),
        'scopes': dict(DefaultScope._instance_dict),
        'loggers': dict(MMLogger._instance_dict),
        'visualizers': dict(Visualizer._instance_dict),
        'registry': (Registry.get, Registry.build, Registry._register_module),
        'datasets': (BaseDataset.full_init, BaseDataset.__len__, BaseDataset.get_data_info),
        'hooks': dict(HOOKS.module_dict),
        'models': dict(MODELS.children['aviary'].module_dict),
    }


@pytest.fixture
def before(parrot: Observation) -> dict[str, Any]:
    """The state, with instances of the user's own, once everything has been imported."""
    DefaultScope.get_instance('mine', scope_name='mmengine')
    MMLogger.get_instance('mine')
    Visualizer.get_instance('visualizer')
    return state()


def test_everything_is_as_before(capsys: pytest.CaptureFixture[str], project: Path, before: dict[str, Any]) -> None:
    streams = sys.stdout, sys.stderr
    (project / 'configs/vandal.py').write_text("default_scope = 'aviary'\nmodel = dict(type='Vandal')\n")
    seen = observe_config(load_config(project / 'configs/vandal.py'), progress=lambda text: print('progress', text))
    assert [one.symbol.qualname for one in seen.classes] == ['Vandal']
    after = state()
    assert {key: after[key] == value for key, value in before.items()} == dict.fromkeys(before, True)
    assert (sys.stdout, sys.stderr) == streams
    assert capsys.readouterr().out == 'progress model\nprogress facts\n'


def test_everything_is_as_before_after_a_failure(project: Path, before: dict[str, Any]) -> None:
    config = load_config({'default_scope': 'aviary', 'model': {'type': 'Vandal', 'more': 1}})
    with pytest.raises(Exception, match='more'):
        observe_config(config)
    after = state()
    assert {key: after[key] == value for key, value in before.items()} == dict.fromkeys(before, True)


def test_the_config_is_not_changed(project: Path) -> None:
    loaded = load_config(project / 'configs/parrot.py')
    text = loaded.config.pretty_text
    observe_config(loaded)
    assert loaded.config.pretty_text == text


def test_a_second_observation_sees_the_same(project: Path, parrot: Observation) -> None:
    again = observe_config(load_config(project / 'configs/parrot.py'))
    assert (again.sections, again.classes, again.resources) == (parrot.sections, parrot.classes, parrot.resources)
    assert [(one.path, one.target) for one in again.events] == [(one.path, one.target) for one in parrot.events]


@pytest.fixture
def library(tmp_path: Path, install: Callable[[str, Mapping[str, str]], None]) -> str:
    """An installed distribution whose compiled extension is missing."""
    name = f'plumelib{len(list(tmp_path.parent.iterdir()))}'
    files = {
        '__init__.py': '',
        'ops.py': f"import importlib\next = importlib.import_module('{name}._ext')\nassert hasattr(ext, 'preen')\n",
        'plain.py': f'from {name} import _ext\n',
        'soft.py': f'try:\n    from {name}._fast import preen\nexcept ImportError:\n    preen = None\n',
        'deep.py': f'try:\n    import {name}.hard\nexcept Exception:\n    fine = True\nelse:\n    fine = False\n',
        'hard.py': f'import {name}._other\n',
        'typo.py': f'import {name}.nothing\n',
    }
    install(name, files)
    return name


def test_a_missing_extension_has_a_placeholder(library: str) -> None:
    with placeholders():
        ops = importlib.import_module(f'{library}.ops')
        importlib.import_module(f'{library}.plain')
        assert f'{library}._ext' in sys.modules
    with pytest.raises(RuntimeError, match=rf'{library}\._ext\.preen is a compiled operation'):
        ops.ext.preen(1)
    assert f'{library}._ext' not in sys.modules
    assert not hasattr(sys.modules[library], '_ext')
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(f'{library}._ext')
    assert [one.code for one in placeholder_diagnostics() if one.subject == f'{library}._ext'] == [NO_COMPILED_OPS]


def test_a_library_that_is_prepared_gets_none(library: str) -> None:
    with placeholders():
        assert importlib.import_module(f'{library}.soft').preen is None
        assert importlib.import_module(f'{library}.deep').fine is True
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f'{library}.typo')
    assert not [one for one in placeholder_diagnostics() if one.subject.startswith(f'{library}._fast')]


def test_a_project_gets_none(project: Path, parrot: Observation) -> None:
    with placeholders(), pytest.raises(ModuleNotFoundError):
        importlib.import_module('aviary._secret')


@pytest.mark.parametrize('number', [1, 2])
def test_no_test_leaves_a_default_scope_to_the_next(number: int) -> None:
    assert not any(name.startswith('left by') for name in DefaultScope._instance_dict)
    DefaultScope.get_instance(f'left by {number}', scope_name='mmengine')
