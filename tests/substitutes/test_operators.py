"""The portable operators beside the compiled ones that they replace."""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from introspect_export.substitution import read_substitutions

BOUND = 1e-5
"""The largest difference of two results, relative to the largest number of them."""


def portable() -> ModuleType:
    """The replacement of mmcv's compiled module."""
    file = read_substitutions(['mmcv'])['mmcv._ext']
    if 'portable_operators' not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            'portable_operators', file, submodule_search_locations=[str(file.parent)]
        )
        assert spec is not None and spec.loader is not None
        sys.modules['portable_operators'] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules['portable_operators'])
    return sys.modules['portable_operators']


def compiled() -> ModuleType:
    """mmcv's compiled module."""
    return importlib.import_module('mmcv._ext')


def near(one: Tensor, other: Tensor) -> bool:
    """Whether two results are equal within the bound."""
    assert (one.shape, one.dtype) == (other.shape, other.dtype)
    if not one.numel():
        return True
    if one.is_floating_point():
        if not torch.equal(one.isnan(), other.isnan()):
            return False
        one, other = one.nan_to_num(), other.nan_to_num()
    return float((one - other).abs().max()) <= BOUND * max(1.0, float(other.abs().max()))


def both(run: Callable[[ModuleType], Mapping[str, Tensor]]) -> None:
    """Run an operator of both modules and compare all that it writes and returns."""
    theirs, ours = run(compiled()), run(portable())
    for name, tensor in theirs.items():
        assert near(ours[name], tensor), (name, ours[name], tensor)


def boxes_in(size: int, count: int, seed: int) -> Tensor:
    """Random boxes of an image; some are empty, some lie outside of it."""
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(count, 2, generator=generator) * size * 1.2 - size * 0.1
    sizes = torch.rand(count, 2, generator=generator) * size * 0.7 * (torch.rand(count, 1, generator=generator) > 0.1)
    return torch.cat((corners, corners + sizes), dim=1)


def scores_of(count: int, seed: int) -> Tensor:
    """Random scores; some are equal."""
    made = torch.rand(count, generator=torch.Generator().manual_seed(seed + 1))
    return (made * 20).round() / 20 if seed % 2 else made


@pytest.mark.corpus
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.sampled_from((0.0, 0.3, 0.5, 0.9)), st.sampled_from((0, 1)), st.integers(0, 10**6))
def test_nms(count: int, threshold: float, offset: int, seed: int) -> None:
    boxes, scores = boxes_in(40, count, seed), scores_of(count, seed)
    both(lambda ops: {'kept': ops.nms(boxes, scores, iou_threshold=threshold, offset=offset)})


@pytest.mark.corpus
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.sampled_from((0, 1, 2)), st.sampled_from((0, 1)), st.integers(0, 10**6))
def test_softnms(count: int, method: int, offset: int, seed: int) -> None:
    boxes, scores = boxes_in(40, count, seed), scores_of(count, seed)

    def run(ops: ModuleType) -> Mapping[str, Tensor]:
        found = boxes.new_zeros(count, 5)
        kept = ops.softnms(
            boxes, scores, found, iou_threshold=0.3, sigma=0.5, min_score=0.05, method=method, offset=offset
        )
        return {'kept': kept, 'found': found[: len(kept)]}

    both(run)


@pytest.mark.corpus
@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.sampled_from((0.1, 0.5)), st.integers(0, 10**6))
def test_nms_match(count: int, threshold: float, seed: int) -> None:
    found = torch.cat((boxes_in(40, count, seed), scores_of(count, seed)[:, None]), dim=1)
    assert portable().nms_match(found, threshold) == compiled().nms_match(found, threshold)


@pytest.mark.corpus
@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 6),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    scale=st.sampled_from((1.0, 0.5, 0.0625)),
    sampling=st.sampled_from((0, 1, 2)),
    aligned=st.booleans(),
    transposed=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_roi_align(
    count: int,
    size: tuple[int, int],
    scale: float,
    sampling: int,
    aligned: bool,
    transposed: bool,
    seed: int,
) -> None:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(2, 3, 9, 9, generator=generator)
    features = features.transpose(2, 3) if transposed else features
    rois = torch.cat((torch.randint(0, 2, (count, 1), generator=generator), boxes_in(9, count, seed) / scale), dim=1)
    shape = {'aligned_height': size[0], 'aligned_width': size[1], 'spatial_scale': scale}
    shape |= {'sampling_ratio': sampling, 'pool_mode': 1, 'aligned': aligned}
    slopes = torch.randn(count, 3, *size, generator=generator)

    def run(ops: ModuleType) -> Mapping[str, Tensor]:
        output, gradient = features.new_zeros(count, 3, *size), torch.zeros(features.shape)
        ops.roi_align_forward(features.contiguous(), rois, output, torch.zeros(0), torch.zeros(0), **shape)
        ops.roi_align_backward(slopes, rois, torch.zeros(0), torch.zeros(0), gradient, **shape)
        return {'output': output, 'gradient': gradient}

    both(run)


def rotated_boxes(count: int, seed: int) -> Tensor:
    """Random rotated boxes; some are the same."""
    generator = torch.Generator().manual_seed(seed)
    size = torch.tensor([20.0, 20, 12, 12, 6])
    made = torch.rand(count, 5, generator=generator) * size + torch.tensor([0.0, 0, 1, 1, -3])
    return made[torch.randint(0, count, (count,), generator=generator)] if count and seed % 3 == 0 else made


@pytest.mark.corpus
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9), st.integers(0, 9), st.booleans(), st.sampled_from((0, 1)), st.integers(0, 10**6))
def test_box_iou_rotated(count: int, others: int, aligned: bool, mode: int, seed: int) -> None:
    others = count if aligned else others
    boxes = rotated_boxes(count, 3 * seed + 1), rotated_boxes(others, 3 * seed + 2)

    def run(ops: ModuleType) -> Mapping[str, Tensor]:
        ious = torch.zeros(count if aligned else count * others)
        ops.box_iou_rotated(*boxes, ious, mode_flag=mode, aligned=aligned)
        return {'ious': ious}

    both(run)


def test_the_overlap_of_boxes_that_touch_or_are_the_same() -> None:
    box = torch.tensor([[5.0, 5, 4, 2, 0.3]])
    moved = torch.tensor([[5.0, 5, 4, 2, 0.3], [5, 5, 2, 4, 0.3 + math.pi / 2], [9, 5, 0, 2, 0], [30, 5, 4, 2, 0.3]])
    ious = torch.zeros(4)
    portable().box_iou_rotated(box, moved, ious, mode_flag=0, aligned=False)
    assert near(ious, torch.tensor([1.0, 1, 0, 0]))


@pytest.mark.corpus
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 25), st.sampled_from((0.1, 0.5)), st.booleans(), st.integers(0, 10**6))
def test_nms_of_rotated_boxes_and_quadrilaterals(count: int, threshold: float, labelled: bool, seed: int) -> None:
    boxes, generator = rotated_boxes(count, seed), torch.Generator().manual_seed(seed + 1)
    scores, labels = scores_of(count, seed), torch.randint(0, 2, (count, 1), generator=generator)
    extra = labels.float() if labelled else boxes.new_zeros(count, 0)
    dets, none = torch.cat((boxes, extra), dim=1), torch.zeros(0, dtype=torch.long)
    corners = importlib.import_module('portable_operators.rotated')._corners(boxes).float().flatten(1)

    def run(ops: ModuleType) -> Mapping[str, Tensor]:
        quads = torch.cat((corners, extra), dim=1)
        return {
            'rotated': ops.nms_rotated(dets, scores, none, dets, none.int(), threshold, int(labelled)),
            'quads': ops.nms_quadri(quads, scores, none, quads, threshold, int(labelled)),
        }

    both(run)


def test_roi_align_has_no_maximum() -> None:
    with pytest.raises(NotImplementedError, match='pool_mode must be avg'):
        portable().roi_align_forward(*[torch.zeros(0)] * 5, 1, 1, 1.0, 0, 0, True)


def test_roi_pool_is_the_maximum_of_each_cell() -> None:
    features = torch.randn(2, 3, 6, 6, generator=torch.Generator().manual_seed(1))
    rois = torch.tensor([[0.0, 0, 0, 5, 5], [1.0, 2, 2, 3, 3]])
    output, places = torch.zeros(2, 3, 2, 2), torch.zeros(2, 3, 2, 2, dtype=torch.int)
    portable().roi_pool_forward(features, rois, output, places, pooled_height=2, pooled_width=2, spatial_scale=1.0)
    assert torch.equal(output[0], F.max_pool2d(features[0], 3))
    assert torch.equal(output[1], features[1, :, 2:4, 2:4])
    gradient = torch.zeros_like(features)
    portable().roi_pool_backward(output, rois, places, gradient, pooled_height=2, pooled_width=2, spatial_scale=1.0)
    found = gradient.nonzero()
    assert len(found) == 24
    assert torch.equal(gradient[gradient != 0], features[gradient != 0])


def convolution(seed: int, groups: int, deformable: int, stride: int, dilation: int) -> dict[str, Any]:
    """Random tensors for a deformable convolution."""
    generator = torch.Generator().manual_seed(seed)
    size = (7 + 2 - dilation * 2 - 1) // stride + 1
    return {
        'input': torch.randn(2, 4, 7, 7, generator=generator),
        'weight': torch.randn(4, 4 // groups, 3, 3, generator=generator),
        'bias': torch.randn(4, generator=generator),
        'offset': torch.randn(2, 18 * deformable, size, size, generator=generator) * 2,
        'mask': torch.rand(2, 9 * deformable, size, size, generator=generator),
        'slopes': torch.randn(2, 4, size, size, generator=generator),
    }


CONVOLUTIONS = st.tuples(
    st.integers(0, 10**6),
    st.sampled_from((1, 2)),
    st.sampled_from((1, 2)),
    st.sampled_from((1, 2)),
    st.sampled_from((1, 2)),
)


@pytest.mark.corpus
@settings(max_examples=25, deadline=None)
@given(CONVOLUTIONS)
def test_deform_conv(made: tuple[int, int, int, int, int]) -> None:
    _, groups, deformable, stride, dilation = made
    each = convolution(*made)
    names = {'kW': 3, 'kH': 3, 'dW': stride, 'dH': stride, 'padW': 1, 'padH': 1, 'dilationW': dilation}
    names |= {'dilationH': dilation, 'group': groups, 'deformable_group': deformable, 'im2col_step': 2}

    def run(ops: ModuleType) -> Mapping[str, Tensor]:
        result = {'output': torch.zeros_like(each['slopes']), 'weight': torch.zeros_like(each['weight'])}
        result |= {name: torch.zeros_like(each[name]) for name in ('input', 'offset')}
        spare = (torch.zeros(0), torch.zeros(0))
        ops.deform_conv_forward(each['input'], each['weight'], each['offset'], result['output'], *spare, **names)
        ops.deform_conv_backward_input(
            each['input'],
            each['offset'],
            each['slopes'],
            result['input'],
            result['offset'],
            each['weight'],
            spare[0],
            **names,
        )
        ops.deform_conv_backward_parameters(
            each['input'], each['offset'], each['slopes'], result['weight'], *spare, scale=1, **names
        )
        return result

    both(run)


@pytest.mark.corpus
@settings(max_examples=25, deadline=None)
@given(CONVOLUTIONS, st.booleans())
def test_modulated_deform_conv(made: tuple[int, int, int, int, int], with_bias: bool) -> None:
    _, groups, deformable, stride, dilation = made
    each = convolution(*made)
    names = {'kernel_h': 3, 'kernel_w': 3, 'stride_h': stride, 'stride_w': stride, 'pad_h': 1, 'pad_w': 1}
    names |= {'dilation_h': dilation, 'dilation_w': dilation, 'group': groups, 'deformable_group': deformable}

    def run(ops: ModuleType) -> Mapping[str, Tensor]:
        result = {'output': torch.zeros_like(each['slopes'])}
        result |= {name: torch.zeros_like(each[name]) for name in ('input', 'weight', 'bias', 'offset', 'mask')}
        spare = (torch.zeros(0), torch.zeros(0))
        kernel = (each['input'], each['weight'], each['bias'], spare[0], each['offset'], each['mask'])
        ops.modulated_deform_conv_forward(*kernel, result['output'], spare[1], **names, with_bias=with_bias)
        gradients = [result[name] for name in ('input', 'weight', 'bias', 'offset', 'mask')]
        ops.modulated_deform_conv_backward(
            *kernel, spare[1], *gradients, each['slopes'].clone(), **names, with_bias=with_bias
        )
        return result

    both(run)


@pytest.mark.corpus
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3), st.integers(1, 5))
def test_multi_scale_deformable_attention(seed: int, maps: int, points: int, queries: int) -> None:
    from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch

    generator = torch.Generator().manual_seed(seed)
    sizes = torch.randint(1, 6, (maps, 2), generator=generator)
    given_ = [
        torch.randn(2, int(sizes.prod(1).sum()), 2, 4, generator=generator),
        torch.rand(2, queries, 2, maps, points, 2, generator=generator) * 1.4 - 0.2,
        torch.rand(2, queries, 2, maps, points, generator=generator),
    ]
    slopes = torch.randn(2, queries, 8, generator=generator)
    theirs = [each.clone().requires_grad_() for each in given_]
    wanted = multi_scale_deformable_attn_pytorch(theirs[0], sizes, theirs[1], theirs[2])
    gradients = torch.autograd.grad(wanted, theirs, slopes)
    starts = torch.zeros(maps, dtype=torch.long)
    assert near(portable().ms_deform_attn_forward(given_[0], sizes, starts, given_[1], given_[2], 64), wanted.detach())
    found = [torch.zeros_like(each) for each in given_]
    portable().ms_deform_attn_backward(given_[0], sizes, starts, given_[1], given_[2], slopes, *found, 64)
    assert all(near(one, other) for one, other in zip(found, gradients, strict=True))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.sampled_from((0.0, 1.5, 2.0)), st.booleans(), st.integers(0, 10**6))
def test_sigmoid_focal_loss(count: int, classes: int, gamma: float, weighted: bool, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(count, classes, generator=generator, dtype=torch.double, requires_grad=True)
    target = torch.randint(0, classes, (count,), generator=generator)
    weight = torch.rand(classes, generator=generator, dtype=torch.double) if weighted else torch.zeros(0)
    positive = F.one_hot(target, classes).double()
    entropy = F.binary_cross_entropy_with_logits(logits, positive, reduction='none')
    right = (logits.sigmoid() * positive + (1 - logits.sigmoid()) * (1 - positive)).clamp(max=1)
    wanted = (0.25 * positive + 0.75 * (1 - positive)) * (1 - right) ** gamma * entropy
    wanted = wanted * weight[target][:, None] if weighted else wanted
    output, slopes = torch.zeros_like(logits), torch.zeros_like(logits)
    portable().sigmoid_focal_loss_forward(logits.detach(), target, weight, output, gamma, 0.25)
    portable().sigmoid_focal_loss_backward(logits.detach(), target, weight, slopes, gamma, 0.25)
    assert near(output.detach(), wanted.detach())
    assert near(slopes.detach(), torch.autograd.grad(wanted.sum(), logits)[0])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(2, 4), st.sampled_from((1.5, 2.0)), st.booleans(), st.integers(0, 10**6))
def test_softmax_focal_loss(count: int, classes: int, gamma: float, weighted: bool, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(count, classes, generator=generator, dtype=torch.double, requires_grad=True)
    target = torch.randint(-1, classes, (count,), generator=generator)
    weight = torch.rand(classes, generator=generator, dtype=torch.double) if weighted else torch.zeros(0)
    p = logits.softmax(1)
    right = p[torch.arange(count), target.clamp(min=0)]
    wanted = torch.where(target >= 0, -0.25 * (1 - right) ** gamma * right.log(), 0.0)
    wanted = wanted * weight[target.clamp(min=0)] if weighted else wanted
    output, spare, slopes = logits.new_zeros(count), logits.new_zeros(count), torch.zeros_like(p)
    portable().softmax_focal_loss_forward(p.detach(), target, weight, output, gamma, 0.25)
    portable().softmax_focal_loss_backward(p.detach(), target, weight, spare, slopes, gamma, 0.25)
    assert near(output, wanted.detach())
    assert near(slopes.detach(), torch.autograd.grad(wanted.sum(), logits)[0])


def test_an_operator_without_a_portable_form_can_be_imported_and_raises() -> None:
    operator = portable().carafe_forward
    with pytest.raises(NotImplementedError, match='carafe_forward has no portable form'):
        operator(math.pi)
    assert not hasattr(portable(), '__path_of_nothing__')
