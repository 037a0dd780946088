"""Models that fetch weights while they are built, where there is no network and no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from introspect_export.load import load_config
from introspect_export.model import ExportError
from introspect_export.model.observation import Observation
from introspect_export.observe import observe_config

MODULE = """
import urllib.request
from collections import OrderedDict
import torch
from mmengine.model import BaseModel, BaseModule
from mmengine.registry import MODELS as ROOT, Registry
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import _load_checkpoint
from torch.hub import load_state_dict_from_url

MODELS = Registry('model', parent=ROOT, scope='fetcher')

class Judge(torch.nn.Linear):
    pass

@MODELS.register_module()
class Part(BaseModule):
    def __init__(self, how, path='https://weights.invalid/part.pth'):
        super().__init__()
        self.judge = Judge(2, 2)
        getattr(self, how)(path)
        self.after = torch.nn.ReLU()

    def hub(self, path):
        self.judge.load_state_dict(load_state_dict_from_url(path))

    def picked(self, path):
        found = load_state_dict_from_url(path)['state_dict']
        self.judge.load_state_dict(OrderedDict((key[2:], value) for key, value in found.items()))

    def checkpoint(self, path):
        load_checkpoint(self, path, strict=True)

    def own(self, path):
        self.judge.load_state_dict(_load_checkpoint(path, map_location='cpu')['model'])

    def shaped(self, path):
        found = load_state_dict_from_url(path)['state_dict']
        if found['weight'].shape == self.judge.weight.shape:
            self.judge.weight.data.copy_(found['weight'])

    def computed(self, path):
        self.judge.weight.data = self.judge.weight.data * load_state_dict_from_url(path)['scale']

    def bare(self, path):
        urllib.request.urlopen(path)

    def file(self, path):
        open(path)

    def wrong(self, path):
        raise KeyError(path)

@MODELS.register_module()
class Whole(BaseModel):
    def __init__(self, part):
        super().__init__()
        self.part = MODELS.build(part)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return self.part
"""


@pytest.fixture
def folder(small_project: Callable[..., Path]) -> Path:
    return small_project({'fetcher.py': MODULE})


def observed(folder: Path, **part: str) -> Observation:
    config = folder / 'config.py'
    config.write_text(
        "default_scope = 'fetcher'\ncustom_imports = dict(imports=['fetcher'], allow_failed_imports=False)\n"
        f"model = dict(type='Whole', part=dict(type='Part', **{part!r}))\n"
    )
    return observe_config(load_config(str(config)))


def codes(observation: Observation) -> list[str]:
    return [diagnostic.code for diagnostic in observation.diagnostics]


@pytest.mark.parametrize('how', ['hub', 'picked', 'checkpoint', 'own'])
def test_the_model_is_built_without_its_weights(folder: Path, how: str) -> None:
    observation = observed(folder, how=how)
    (section,) = [each for each in observation.sections if each.path == 'model']
    assert section.built, section.reason
    assert codes(observation) == ['IE-NO-WEIGHTS']
    assert 'https://weights.invalid/part.pth' in observation.diagnostics[0].message
    assert {each.symbol.qualname: each.how for each in observation.classes} == {
        'Whole': 'built',
        'Part': 'built',
        'Judge': 'found',
    }


def test_a_checkpoint_file_that_is_not_here(folder: Path) -> None:
    observation = observed(folder, how='checkpoint', path='work_dirs/teacher.pth')
    assert codes(observation) == ['IE-NO-WEIGHTS']
    assert 'work_dirs/teacher.pth' in observation.diagnostics[0].message


def test_a_checkpoint_that_is_here_is_loaded(folder: Path) -> None:
    import torch

    torch.save({'judge.weight': torch.zeros(2, 2), 'judge.bias': torch.ones(2)}, folder / 'here.pth')
    assert codes(observed(folder, how='checkpoint', path=str(folder / 'here.pth'))) == []


@pytest.mark.parametrize('how', ['bare', 'file'])
def test_what_cannot_be_built_for_want_of_something_is_resolved(folder: Path, how: str) -> None:
    observation = observed(folder, how=how)
    assert codes(observation) == ['IE-MODEL-NOT-BUILT']
    assert {each.symbol.qualname: each.how for each in observation.classes} == {'Whole': 'resolved', 'Part': 'resolved'}


@pytest.mark.parametrize('how', ['shaped', 'computed'])
def test_code_that_cannot_go_on_without_weights(folder: Path, how: str) -> None:
    observation = observed(folder, how=how)
    assert codes(observation) == ['IE-MODEL-NOT-BUILT', 'IE-NO-WEIGHTS']
    (section,) = [each for each in observation.sections if each.path == 'model']
    assert section.reason.startswith('needs weights that are not here: ')
    assert {each.symbol.qualname: each.how for each in observation.classes} == {'Whole': 'resolved', 'Part': 'resolved'}


def test_a_mistake_is_still_an_error(folder: Path) -> None:
    with pytest.raises(ExportError, match='cannot be built: KeyError'):
        observed(folder, how='wrong')


def test_loading_is_as_before_afterwards(folder: Path) -> None:
    import torch
    from mmengine.runner import CheckpointLoader

    before = (torch.load, torch.hub.download_url_to_file, CheckpointLoader.__dict__['load_checkpoint'])
    load = torch.nn.Module.load_state_dict
    observed(folder, how='hub')
    assert before == (torch.load, torch.hub.download_url_to_file, CheckpointLoader.__dict__['load_checkpoint'])
    assert torch.nn.Module.load_state_dict is load
