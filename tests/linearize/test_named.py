"""Classes of real libraries, each for a reason of its own: flattened and used, or refused with the right code."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import pytest

from introspect_export.linearize import linearize
from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class
from introspect_export.live_class.live_modules import LiveModules, binding_of
from introspect_export.observe.chains import chain_of

pytestmark = pytest.mark.corpus


@pytest.fixture(autouse=True)
def _stand_in_for_operators() -> None:
    """mmcv's compiled operators are not needed to make a class."""
    try:
        importlib.import_module('mmcv._ext')
    except ImportError:

        class Placeholder(ModuleType):
            def __getattr__(self, name: str) -> Any:
                if name.startswith('__'):
                    raise AttributeError(name)
                return lambda *args, **kwargs: None

        sys.modules['mmcv._ext'] = Placeholder('mmcv._ext')


def load(path: str) -> Any:
    module, name = path.split(':')
    return getattr(pytest.importorskip(module), name)


def flatten(cls: type, register: bool = False) -> tuple[StandaloneClass, Any]:
    result = flatten_class(cls, register=register)
    assert result.merged, result.diagnostics
    module = ModuleType('flattened')
    sys.modules['flattened'] = module
    exec(compile(result.text, '<flattened>', 'exec', dont_inherit=True), module.__dict__)
    return result, getattr(module, cls.__name__)


def same_state(original: Any, flat: Any, **arguments: Any) -> tuple[Any, Any]:
    """Make both from the same random state; the parameters must be the same, in the same order."""
    import torch

    made = []
    for cls in (original, flat):
        torch.manual_seed(0)
        made.append(cls(**arguments))
    states = [each.state_dict() for each in made]
    assert list(states[0]) == list(states[1])
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    return made[0], made[1]


def test_vfnet_head_of_two_parents() -> None:
    cls = load('mmdet.models.dense_heads:VFNetHead')
    result, flat = flatten(cls)
    assert [base.__name__ for base in flat.__bases__] == ['BaseModule']
    assert [each.qualname for each in result.merged] == [
        'ATSSHead', 'AnchorHead', 'FCOSHead', 'AnchorFreeHead', 'BaseDenseHead',
    ]  # fmt: skip
    anchors = {'type': 'AnchorGenerator', 'ratios': [1.0], 'octave_base_scale': 8, 'scales_per_octave': 1,
               'center_offset': 0.0, 'strides': [8, 16, 32, 64, 128]}  # fmt: skip
    same_state(cls, flat, num_classes=2, in_channels=8, feat_channels=32, stacked_convs=1, anchor_generator=anchors)


def test_condinst_head_makes_the_same_losses() -> None:
    import torch

    cls = load('mmdet.models.dense_heads.condinst_head:CondInstBboxHead')
    _, flat = flatten(cls)
    original, made = same_state(cls, flat, num_classes=2, in_channels=8, feat_channels=32, num_params=169)
    features = [torch.rand(1, 8, 64 // stride, 64 // stride) for stride in (1, 2, 4, 8, 16)]
    for left, right in zip(original(features), made(features), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


def test_ssd_vgg_keeps_two_library_bases() -> None:
    # The chain has one origin class: there is nothing to merge, and both bases stay.
    result = flatten_class(load('mmdet.models.backbones:SSDVGG'))
    assert [base.qualname for base in result.bases] == ['VGG', 'BaseModule']
    assert not result.merged


def test_legacy_anchor_generator_of_a_diamond() -> None:
    cls = load('mmdet.models.task_modules.prior_generators.anchor_generator:LegacySSDAnchorGenerator')
    result, flat = flatten(cls)
    assert result.bases == ()
    arguments = {
        'strides': [8, 16, 32, 64, 100, 300],
        'ratios': [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
        'input_size': 300,
        'basesize_ratio_range': (0.15, 0.9),
    }
    original, made = cls(**arguments), flat(**arguments)
    assert repr(original) == repr(made)
    for left, right in zip(original.base_anchors, made.base_anchors, strict=True):
        assert left.tolist() == right.tolist()


def test_quadratic_warmup_has_a_cooperative_library_class_in_front() -> None:
    # LRSchedulerMixin.__init__ calls super().__init__() and means the parent: that has to stand behind it, as a class.
    cls = load('mmdet.engine.schedulers.quadratic_warmup:QuadraticWarmupLR')
    result = flatten_class(cls)
    assert not result.merged
    assert {each.code for each in result.diagnostics} - {'IE-LIN-DECORATOR'} == {'IE-LIN-LIBRARY-FIRST'}


def test_horizontal_boxes_stay_instances_of_their_base() -> None:
    import torch

    cls = load('mmdet.structures.bbox:HorizontalBoxes')
    base = load('mmdet.structures.bbox:BaseBoxes')
    result = flatten_class(cls, register=True)
    # The name is taken in the table that its decorator fills.
    text = result.text.replace("@register_box(name='hbox')", "@register_box(name='hbox', force=True)")
    table = dict(load('mmdet.structures.bbox.box_type:box_types'))
    names = dict(load('mmdet.structures.bbox.box_type:_box_type_to_name'))
    module = ModuleType('flattened')
    sys.modules['flattened'] = module
    try:
        exec(compile(text, '<flattened>', 'exec', dont_inherit=True), module.__dict__)
    finally:
        load('mmdet.structures.bbox.box_type:box_types').update(table)
        load('mmdet.structures.bbox.box_type:_box_type_to_name').clear()
        load('mmdet.structures.bbox.box_type:_box_type_to_name').update(names)
    flat = module.HorizontalBoxes
    assert flat.__bases__ == (object,)
    assert issubclass(flat, base)
    boxes = flat(torch.tensor([[0.0, 0.0, 4.0, 4.0]]))
    assert isinstance(boxes, base)
    assert boxes.areas.tolist() == cls(torch.tensor([[0.0, 0.0, 4.0, 4.0]])).areas.tolist()


@pytest.mark.parametrize(
    ('name', 'arguments'),
    [
        ('SNConv2d', {'in_channels': 3, 'out_channels': 4, 'kernel_size': 3}),
        ('SNLinear', {'in_features': 3, 'out_features': 4}),
        ('SNEmbedding', {'num_embeddings': 3, 'embedding_dim': 4}),
    ],
)
def test_spectral_norm_behind_library_classes(name: str, arguments: dict[str, int]) -> None:
    # torch's Module.__init__ calls super().__init__() under a switch that is off; SpectralNorm would be the next class.
    import torch

    cls = load(f'mmagic.models.editors.biggan.biggan_snmodule:{name}')
    result, flat = flatten(cls)
    assert [each.qualname for each in result.merged] == ['SpectralNorm']
    assert flat.__mro__[1:] == tuple(each for each in cls.__mro__[1:] if each.__name__ != 'SpectralNorm')
    original, made = same_state(cls, flat, **arguments)
    values = (
        torch.arange(3)
        if name == 'SNEmbedding'
        else torch.rand(2, 3, 3)
        if name == 'SNLinear'
        else torch.rand(2, 3, 5, 5)
    )
    for _ in range(2):
        torch.manual_seed(1)
        left = original(values)
        torch.manual_seed(1)
        assert torch.equal(left, made(values))
    assert all(torch.equal(a, b) for a, b in zip(original.sv, made.sv, strict=True))


def test_embed_sequential_drops_what_its_library_base_hides() -> None:
    cls = load('mmagic.models.editors.guided_diffusion.classifier:TimestepEmbedSequential')
    chain = chain_of(cls, lambda module: module.partition('.')[0] == 'mmagic')
    result = linearize(chain, LiveModules(cls), binding_of(cls))
    assert [each.qualname for each in result.merged] == ['TimestepBlock']
    assert [each.qualname for each in result.bases] == ['Sequential']
    assert [each.name for each in result.members] == ['forward']


def test_embed_sequential_on_its_own_answers_what_it_asks() -> None:
    import torch

    cls = load('mmagic.models.editors.guided_diffusion.classifier:TimestepEmbedSequential')
    result = flatten_class(cls)
    assert [each.code for each in result.diagnostics] == ['IE-KEPT-BASE']
    module = ModuleType('flattened')
    exec(compile(result.text, '<flattened>', 'exec', dont_inherit=True), module.__dict__)
    flat = module.TimestepEmbedSequential
    # Its forward hands on both arguments to what isinstance calls a TimestepBlock, itself among them.
    nested = flat(flat(torch.nn.Identity()), torch.nn.ReLU())
    assert torch.equal(nested(torch.tensor([-1.0, 2.0]), None), torch.tensor([0.0, 2.0]))


def test_two_explicit_parent_inits() -> None:
    cls = load('mmagic.models.editors.nafnet.nafbaseline_net:NAFBaselineLocal')
    result, flat = flatten(cls)
    assert [each.qualname for each in result.merged] == ['Local_Base', 'NAFBaseline']
    same_state(
        cls, flat, img_channel=3, mid_channels=4, middle_blk_num=1, enc_blk_nums=[1], dec_blk_nums=[1],
        train_size=(1, 3, 16, 16),
    )  # fmt: skip


def test_bert_encoder_behind_a_library_class() -> None:
    # transformers' PreTrainedModel.__init__ calls super().__init__(), and BaseEncoder's only passes that on to torch.
    import torch

    cls = load('mmpretrain.models.multimodal.blip.language_model:XBertEncoder')
    result, flat = flatten(cls)
    assert [each.qualname for each in result.merged] == ['BertModel', 'BertPreTrainedModel', 'BaseEncoder']
    config = {
        'vocab_size': 20, 'hidden_size': 8, 'num_hidden_layers': 1, 'num_attention_heads': 2, 'intermediate_size': 8,
        'encoder_width': 8, 'add_cross_attention': True, 'fusion_layer': 0,
        'add_type_embeddings': True,
    }  # fmt: skip
    original, made = same_state(cls, flat, med_config=config)
    assert made.device == original.device

    class Text:
        input_ids = torch.tensor([[1, 2, 3]])
        attention_mask = torch.ones(1, 3, dtype=torch.long)

    left, right = (each.eval().forward_text(Text()) for each in (original, made))
    assert torch.equal(left.last_hidden_state, right.last_hidden_state)


def test_mixin_before_metric() -> None:
    cls = load('mmpretrain.evaluation.metrics:VOCAveragePrecision')
    _, flat = flatten(cls)
    assert [base.__name__ for base in flat.__bases__] == ['BaseMetric']
    assert flat(average='macro').average == cls(average='macro').average == 'macro'
