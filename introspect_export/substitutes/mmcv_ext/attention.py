"""Attention to a few sampled places of several feature maps (https://arxiv.org/abs/2010.04159)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .gradients import gradients


def ms_deform_attn_forward(
    value: Tensor,
    value_spatial_shapes: Tensor,
    value_level_start_index: Tensor,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    im2col_step: int,
) -> Tensor:
    """Sum bilinear samples of the values, with weights.

    Args:
        value: The values of all maps, one after the other; shape (n, places, heads, channels).
        value_spatial_shapes: Height and width of each map, shape (maps, 2).
        value_level_start_index: Unused here.
        sampling_locations: x and y between 0 and 1; shape (n, queries, heads, maps, points, 2).
        attention_weights: Shape (n, queries, heads, maps, points).
        im2col_step: Unused here.

    Returns:
        The sums, shape (n, queries, heads * channels).
    """
    count, _, heads, channels = value.shape
    queries = sampling_locations.shape[1]
    sizes = value_spatial_shapes.tolist()
    sampled = []
    parts = torch.split(value, [height * width for height, width in sizes], dim=1)
    for number, (part, (height, width)) in enumerate(zip(parts, sizes, strict=True)):
        image = part.flatten(2).transpose(1, 2).reshape(count * heads, channels, height, width)
        grid = 2 * sampling_locations[:, :, :, number].transpose(1, 2).flatten(0, 1) - 1
        sampled.append(F.grid_sample(image, grid, mode='bilinear', padding_mode='zeros', align_corners=False))
    weights = attention_weights.transpose(1, 2).reshape(count * heads, 1, queries, -1)
    sums = (torch.stack(sampled, dim=-2).flatten(-2) * weights).sum(-1)
    return sums.view(count, heads * channels, queries).transpose(1, 2).contiguous()


def ms_deform_attn_backward(
    value: Tensor,
    value_spatial_shapes: Tensor,
    value_level_start_index: Tensor,
    sampling_locations: Tensor,
    attention_weights: Tensor,
    grad_output: Tensor,
    grad_value: Tensor,
    grad_sampling_loc: Tensor,
    grad_attn_weight: Tensor,
    im2col_step: int,
) -> None:
    """The gradients of ``ms_deform_attn_forward`` for values, locations and weights, into the three tensors."""

    def run(values: Tensor, places: Tensor, weights: Tensor) -> Tensor:
        return ms_deform_attn_forward(
            values, value_spatial_shapes, value_level_start_index, places, weights, im2col_step
        )

    found = gradients(run, (value, sampling_locations, attention_weights), grad_output)
    for target, gradient in zip((grad_value, grad_sampling_loc, grad_attn_weight), found, strict=True):
        target.copy_(gradient)
