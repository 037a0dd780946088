"""Portable operators with the names and arguments of mmcv's compiled ones, over torch and torchvision.

Like those, they write their results into tensors that the caller has made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .attention import ms_deform_attn_backward, ms_deform_attn_forward
from .deformable import (
    deform_conv_backward_input,
    deform_conv_backward_parameters,
    deform_conv_forward,
    modulated_deform_conv_backward,
    modulated_deform_conv_forward,
)
from .focal import (
    sigmoid_focal_loss_backward,
    sigmoid_focal_loss_forward,
    softmax_focal_loss_backward,
    softmax_focal_loss_forward,
)
from .regions import roi_align_backward, roi_align_forward, roi_pool_backward, roi_pool_forward
from .rotated import box_iou_rotated, nms_quadri, nms_rotated
from .suppression import nms, nms_match, softnms


def __getattr__(name: str) -> Callable[..., Any]:
    """Stand in for an operator that has no portable form: it can be imported, and raises when it is called."""
    if name.startswith('__'):
        raise AttributeError(name)

    def missing(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f'{name} has no portable form')

    return missing


__all__ = [
    'box_iou_rotated',
    'deform_conv_backward_input',
    'deform_conv_backward_parameters',
    'deform_conv_forward',
    'modulated_deform_conv_backward',
    'modulated_deform_conv_forward',
    'ms_deform_attn_backward',
    'ms_deform_attn_forward',
    'nms',
    'nms_match',
    'nms_quadri',
    'nms_rotated',
    'roi_align_backward',
    'roi_align_forward',
    'roi_pool_backward',
    'roi_pool_forward',
    'sigmoid_focal_loss_backward',
    'sigmoid_focal_loss_forward',
    'softmax_focal_loss_backward',
    'softmax_focal_loss_forward',
    'softnms',
]
