"""Features of regions of interest: (index of the image, x1, y1, x2, y2)."""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor

from .gradients import gradients


def roi_align_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Average bilinear samples in the cells of each region (RoIAlign, https://arxiv.org/abs/1703.06870).

    Args:
        input: The features, shape (n, c, h, w).
        rois: Shape (k, 5).
        output: Receives the result, shape (k, c, aligned_height, aligned_width).
        argmax_y: Unused here.
        argmax_x: Unused here.
        aligned_height: The number of cells in a column.
        aligned_width: The number of cells in a row.
        spatial_scale: The size of the features over that of the image.
        sampling_ratio: Samples of a cell in each direction; 0 for one in each pixel.
        pool_mode: 1 for the average, the only one that torchvision has.
        aligned: Whether coordinates are those of pixels' centres.

    Raises:
        NotImplementedError: The maximum is wanted.
    """
    _only_average(pool_mode)
    size = (aligned_height, aligned_width)
    output.copy_(torchvision.ops.roi_align(input, rois, size, spatial_scale, sampling_ratio, aligned))


def roi_align_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax_y: Tensor,
    argmax_x: Tensor,
    grad_input: Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """The gradient of ``roi_align_forward`` for its input, into ``grad_input``."""
    _only_average(pool_mode)
    # It is linear in its input, so that the gradient is the same for any.
    place = ((aligned_height, aligned_width), spatial_scale, sampling_ratio, aligned)
    features = torch.zeros_like(grad_input)
    grad_input += gradients(lambda x: torchvision.ops.roi_align(x, rois, *place), (features,), grad_output)[0]


def _only_average(pool_mode: int) -> None:
    if pool_mode != 1:
        raise NotImplementedError('roi_align has no portable form with the maximum: pool_mode must be avg')


def roi_pool_forward(
    input: Tensor,
    rois: Tensor,
    output: Tensor,
    argmax: Tensor,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
) -> None:
    """The maximum of each cell of each region, and the place of it in the flattened features (or -1).

    Args:
        input: The features, shape (n, c, h, w).
        rois: Shape (k, 5).
        output: Receives the maxima, shape (k, c, pooled_height, pooled_width).
        argmax: Receives the places.
        pooled_height: The number of cells in a column.
        pooled_width: The number of cells in a row.
        spatial_scale: The size of the features over that of the image.
    """
    found = torch.ops.torchvision.roi_pool(input, rois, spatial_scale, pooled_height, pooled_width)
    output.copy_(found[0])
    argmax.copy_(found[1])


def roi_pool_backward(
    grad_output: Tensor,
    rois: Tensor,
    argmax: Tensor,
    grad_input: Tensor,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
) -> None:
    """The gradient of ``roi_pool_forward`` for its input, into ``grad_input``."""
    _, channels, height, width = grad_input.shape
    planes = grad_input.view(-1, height * width)
    rows = rois[:, 0].long()[:, None] * channels + torch.arange(channels, device=rois.device)
    places = (rows[:, :, None] * (height * width) + argmax.flatten(2)).flatten()
    found = argmax.flatten() >= 0
    planes.view(-1).index_add_(0, places[found], grad_output.flatten()[found])
