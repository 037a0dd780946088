"""Models of real libraries, built by hand: the pack needs none of them, and computes the same to the bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import ExportError, export

pytestmark = pytest.mark.corpus

SCRIPT = """
import torch, timm, torchvision
from torch import nn
import introspect_export


class Net(nn.Module):
    '''Parts of several origins, one of them built by a function of its library.'''

    def __init__(self):
        super().__init__()
        self.back = torchvision.models.resnet18(weights=None)
        self.neck = timm.layers.SqueezeExcite(64)
        self.extra = torchvision.ops.SqueezeExcitation(64, 16)

    def forward(self, x):
        x = self.back.layer1(self.back.maxpool(self.back.relu(self.back.bn1(self.back.conv1(x)))))
        return self.extra(self.neck(x))


torch.manual_seed(0)
model = Net().eval()
model.back.fc = nn.Identity()
given = torch.randn(1, 3, 64, 64)
result = introspect_export.export(model, 'out')
assert result.ok, result.verification.problems
torch.save((given, model(given).detach()), 'told.pt')
"""


@pytest.mark.parametrize('name', ['resnet18', 'swin_t'])
def test_torchvision(name: str, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]) -> None:
    import torchvision

    torch.manual_seed(0)
    model, given = getattr(torchvision.models, name)(weights=None).eval(), [torch.randn(1, 3, 64, 64)]
    assert export(model, tmp_path / 'out').ok
    same(model, given, elsewhere(tmp_path / 'out', given))


@pytest.mark.parametrize('name', ['resnet18', 'vit_tiny_patch16_224'])
def test_timm(name: str, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]) -> None:
    import timm

    torch.manual_seed(0)
    model, given = timm.create_model(name, pretrained=False).eval(), [torch.randn(1, 3, 224, 224)]
    result = export(model, tmp_path / 'out')
    assert result.ok
    # The registries of models and their weights stay behind.
    assert not (tmp_path / 'out' / 'pack' / 'models' / '_registry.py').exists()
    same(model, given, elsewhere(tmp_path / 'out', given))


def _encoder(library: Any) -> Any:
    return library.BertModel(
        library.BertConfig(
            hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, vocab_size=30
        )
    )


def _encoder_decoder(library: Any) -> Any:
    return library.T5Model(library.T5Config(d_model=16, d_kv=8, d_ff=24, num_layers=2, num_heads=2, vocab_size=30))


@pytest.mark.parametrize(('make', 'inputs'), [(_encoder, 1), (_encoder_decoder, 3)])
def test_transformers(
    make: Callable[[Any], Any], inputs: int, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    """mmengine has one of its optimizers in a registry of its own, and its packages import what they are asked for."""
    import transformers

    torch.manual_seed(0)
    model = make(transformers).eval()
    model.config.return_dict = False
    given = [torch.tensor([[1, 5, 9, 2]]), None, torch.tensor([[3, 4]])][:inputs]
    result = export(model, tmp_path / 'out')
    assert result.ok and result.verification is not None and 'transformers' in result.verification.blocked
    told = '[each for each in sys.modules if each.partition(".")[0] == "transformers"]'
    answer = elsewhere(tmp_path / 'out', given, ['transformers', 'mmengine'], told=told)
    assert answer.told == []
    same(model, given, answer)
    # Of the hundreds of other models, of other frameworks and of training, nothing comes along.
    packed = {file.parent.name for file in (tmp_path / 'out' / 'pack' / 'models').glob('*/*.py')}
    assert packed == {'auto', model.config.model_type}
    assert not (tmp_path / 'out' / 'pack' / 'trainer.py').exists()


def test_a_script_with_parts_of_several_origins(tmp_path: Path, elsewhere: Callable[..., Any]) -> None:
    (tmp_path / 'net.py').write_text(SCRIPT)
    command = [sys.executable, '-W', 'ignore', 'net.py']
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    given, expected = torch.load(tmp_path / 'told.pt')
    assert torch.equal(elsewhere(tmp_path / 'out', [given]).result, expected)
    # Building a backbone by its function does not pull in all that is registered beside it.
    packed = {file.stem for file in (tmp_path / 'out' / 'pack' / 'models').glob('*.py')}
    assert 'resnet' in packed and 'vgg' not in packed


def test_compiled_operators_are_refused(tmp_path: Path) -> None:
    from torchvision.models import detection

    model = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
    with pytest.raises(ExportError, match=r"^IE-COMPILED torchvision.extension: .*extern=\['torchvision'\]"):
        export(model, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()
    result = export(model, tmp_path / 'out', extern=['torchvision'])
    assert result.ok and result.symbols == 0
    assert 'torchvision==' in (tmp_path / 'out' / 'requirements.txt').read_text()


def test_a_model_that_a_registry_built(
    tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    """The registries come along; mmengine and what extends its registries stay libraries."""
    from mmdet.registry import MODELS
    from mmengine.config import Config
    from mmengine.registry import DefaultScope
    from mmengine.utils import get_installed_path

    config = Config.fromfile(f'{get_installed_path("mmdet")}/.mim/configs/retinanet/retinanet_r18_fpn_1x_coco.py')
    config.model.backbone.init_cfg = None
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmdet'):
        model, given = MODELS.build(config.model), [torch.randn(1, 3, 64, 64)]
    model.eval()
    result = export(model, tmp_path / 'out')
    assert result.ok and result.flattened > 3
    # A function of it asks torchvision for what needs compiled code.
    assert [each.subject for each in result.diagnostics if each.code == 'IE-COMPILED'] == ['torchvision']
    assert 'torchvision==' in (tmp_path / 'out' / 'requirements.txt').read_text()
    same(model, given, elsewhere(tmp_path / 'out', given, ['mmdet']))
