"""Deformable convolutions: version 1 (https://arxiv.org/abs/1703.06211) and 2 (https://arxiv.org/abs/1811.11168)."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.ops import deform_conv2d

from .gradients import gradients


def deform_conv_forward(
    input: Tensor,
    weight: Tensor,
    offset: Tensor,
    output: Tensor,
    columns: Tensor,
    ones: Tensor,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
    group: int,
    deformable_group: int,
    im2col_step: int,
) -> None:
    """A convolution whose samples are displaced.

    Args:
        input: Shape (n, c, h, w).
        weight: Shape (c_out, c // group, kH, kW).
        offset: The displacements, (y, x) of each kernel element, shape
            (n, 2 * deformable_group * kH * kW, h_out, w_out).
        output: Receives the result, shape (n, c_out, h_out, w_out).
        columns: Unused here.
        ones: Unused here.
        kW: The kernel's width.
        kH: Its height.
        dW: The stride in a row.
        dH: The stride in a column.
        padW: The padding left and right.
        padH: The padding above and below.
        dilationW: The dilation in a row.
        dilationH: The dilation in a column.
        group: The groups of channels that are convolved on their own; it follows from the weight.
        deformable_group: The groups of channels that share displacements; it follows from the offset.
        im2col_step: Unused here.
    """
    place = {'stride': (dH, dW), 'padding': (padH, padW), 'dilation': (dilationH, dilationW)}
    output.copy_(deform_conv2d(input, offset, weight, **place).view_as(output))


def deform_conv_backward_input(
    input: Tensor,
    offset: Tensor,
    gradOutput: Tensor,
    gradInput: Tensor,
    gradOffset: Tensor,
    weight: Tensor,
    columns: Tensor,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
    group: int,
    deformable_group: int,
    im2col_step: int,
) -> None:
    """The gradients of ``deform_conv_forward`` for its input and offset, into ``gradInput`` and ``gradOffset``."""
    place = {'stride': (dH, dW), 'padding': (padH, padW), 'dilation': (dilationH, dilationW)}
    found = gradients(lambda x, moved: deform_conv2d(x, moved, weight, **place), (input, offset), gradOutput)
    gradInput.copy_(found[0])
    gradOffset.copy_(found[1])


def deform_conv_backward_parameters(
    input: Tensor,
    offset: Tensor,
    gradOutput: Tensor,
    gradWeight: Tensor,
    columns: Tensor,
    ones: Tensor,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
    group: int,
    deformable_group: int,
    scale: float,
    im2col_step: int,
) -> None:
    """The gradient of ``deform_conv_forward`` for its weight, times ``scale``, is added to ``gradWeight``."""
    place = {'stride': (dH, dW), 'padding': (padH, padW), 'dilation': (dilationH, dilationW)}
    # The convolution is linear in its weight, so that the gradient is the same for any.
    zeros = torch.zeros_like(gradWeight)
    found = gradients(lambda weight: deform_conv2d(input, offset, weight, **place), (zeros,), gradOutput)
    gradWeight += scale * found[0]


def modulated_deform_conv_forward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    ones: Tensor,
    offset: Tensor,
    mask: Tensor,
    output: Tensor,
    columns: Tensor,
    kernel_h: int,
    kernel_w: int,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    group: int,
    deformable_group: int,
    with_bias: bool,
) -> None:
    """A convolution whose samples are displaced, and weighted by a mask.

    Args:
        input: Shape (n, c, h, w).
        weight: Shape (c_out, c // group, kernel_h, kernel_w).
        bias: Shape (c_out,); used if ``with_bias``.
        ones: Unused here.
        offset: As in ``deform_conv_forward``.
        mask: The weights, shape (n, deformable_group * kernel_h * kernel_w, h_out, w_out).
        output: Receives the result.
        columns: Unused here.
        kernel_h: The kernel's height.
        kernel_w: Its width.
        stride_h: The stride in a column.
        stride_w: The stride in a row.
        pad_h: The padding above and below.
        pad_w: The padding left and right.
        dilation_h: The dilation in a column.
        dilation_w: The dilation in a row.
        group: As in ``deform_conv_forward``.
        deformable_group: As in ``deform_conv_forward``.
        with_bias: Whether the bias is added.
    """
    place = {'stride': (stride_h, stride_w), 'padding': (pad_h, pad_w), 'dilation': (dilation_h, dilation_w)}
    output.copy_(deform_conv2d(input, offset, weight, bias if with_bias else None, mask=mask, **place).view_as(output))


def modulated_deform_conv_backward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    ones: Tensor,
    offset: Tensor,
    mask: Tensor,
    columns: Tensor,
    grad_input: Tensor,
    grad_weight: Tensor,
    grad_bias: Tensor,
    grad_offset: Tensor,
    grad_mask: Tensor,
    grad_output: Tensor,
    kernel_h: int,
    kernel_w: int,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    group: int,
    deformable_group: int,
    with_bias: bool,
) -> None:
    """The gradients of ``modulated_deform_conv_forward``; those of the weight and the bias are added."""
    place = {'stride': (stride_h, stride_w), 'padding': (pad_h, pad_w), 'dilation': (dilation_h, dilation_w)}

    def run(x: Tensor, kernel: Tensor, moved: Tensor, weights: Tensor) -> Tensor:
        result: Tensor = deform_conv2d(x, moved, kernel, mask=weights, **place)
        return result

    found = gradients(run, (input, weight, offset, mask), grad_output)
    grad_input.copy_(found[0])
    grad_weight += found[1]
    grad_offset.copy_(found[2])
    grad_mask.copy_(found[3])
    if with_bias:
        grad_bias += grad_output.sum(dim=(0, 2, 3))
