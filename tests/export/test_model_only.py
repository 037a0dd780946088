"""A package of the model alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config

from introspect_export import export

NET = """
import torch
from mmengine.model import BaseModel
from mmengine.registry import MODELS as ROOT, Registry

MODELS = Registry('model', parent=ROOT, scope='lonely')


@MODELS.register_module()
class Lone(BaseModel):
    def __init__(self, data_preprocessor=None):
        super().__init__(data_preprocessor)
        self.layer = torch.nn.Linear(2, 2)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return self.layer(inputs)
"""
CONFIG = """
default_scope = 'lonely'
custom_imports = dict(imports=['lonely'], allow_failed_imports=False)
data_preprocessor = dict(type='ImgDataPreprocessor', mean=[1, 2, 3], std=[1, 1, 1])
model = dict(type='Lone')
default_hooks = dict(timer=dict(type='IterTimerHook'))
"""


def test_it_has_the_data_preprocessor_that_a_runner_gives_it(small_project: Callable[..., Path]) -> None:
    project = small_project({'lonely.py': NET, 'config.py': CONFIG})
    result = export(str(project / 'config.py'), project / 'out', model_only=True, verify='state')
    assert result.verification is not None and result.verification.ok, result.verification
    (file,) = (project / 'out/pack/configs').rglob('*.py')
    config = Config.fromfile(str(file))
    assert config.data_preprocessor == dict(type='ImgDataPreprocessor', mean=[1, 2, 3], std=[1, 1, 1])
    assert 'default_hooks' not in config
