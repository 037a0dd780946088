"""Overlaps of rotated boxes (x, y, width, height, radians) and of convex quadrilaterals (x1, y1, …, x4, y4)."""

from __future__ import annotations

import torch
from torch import Tensor

_MOST = 200_000
"""The maximum number of pairs that are intersected at once; each takes about one kilobyte."""


def box_iou_rotated(boxes1: Tensor, boxes2: Tensor, ious: Tensor, mode_flag: int, aligned: bool) -> None:
    """The intersection of rotated boxes over their union, or over the first box.

    Args:
        boxes1: Shape (n, 5).
        boxes2: Shape (m, 5).
        ious: Receives the results, shape (n,) if aligned, else (n * m,).
        mode_flag: 0 for the union, 1 for the first box.
        aligned: Whether box i of both is one pair; else all pairs are.
    """
    count = len(boxes2)
    first = torch.arange(len(boxes1), device=boxes1.device)
    second = first if aligned else torch.arange(count, device=boxes1.device).repeat(len(boxes1))
    first = first if aligned else first.repeat_interleave(count)
    for start in range(0, len(first), _MOST):
        part = slice(start, start + _MOST)
        ious[part] = _ratios(_corners(boxes1)[first[part]], _corners(boxes2)[second[part]], mode_flag).to(ious)


def nms_rotated(
    dets: Tensor,
    scores: Tensor,
    order: Tensor,
    dets_sorted: Tensor,
    labels: Tensor,
    iou_threshold: float,
    multi_label: int,
) -> Tensor:
    """The indices of the rotated boxes that no better one overlaps by a threshold or more, best first.

    Args:
        dets: Shape (n, 5), or (n, 6) with labels.
        scores: Shape (n,).
        order: Unused here.
        dets_sorted: Unused here.
        labels: Unused here.
        iou_threshold: The threshold.
        multi_label: Whether boxes of different labels do not compete; on a CPU they do, as in the compiled operator.
    """
    return _suppressed(_corners(dets), dets[:, 5:], scores, iou_threshold, multi_label)


def nms_quadri(
    dets: Tensor, scores: Tensor, order: Tensor, dets_sorted: Tensor, iou_threshold: float, multi_label: int
) -> Tensor:
    """The indices of the quadrilaterals that no better one overlaps by a threshold or more, best first.

    Args:
        dets: Shape (n, 8), or (n, 9) with labels.
        scores: Shape (n,).
        order: Unused here.
        dets_sorted: Unused here.
        iou_threshold: The threshold.
        multi_label: As in ``nms_rotated``.
    """
    return _suppressed(dets[:, :8].double().view(-1, 4, 2), dets[:, 8:], scores, iou_threshold, multi_label)


def _suppressed(corners: Tensor, labels: Tensor, scores: Tensor, threshold: float, multi_label: int) -> Tensor:
    left = scores.sort(0, descending=True)[1]
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        covered = _ratios(corners[best].expand(len(left), 4, 2), corners[left], 0) >= threshold
        if multi_label and not scores.is_cpu:
            covered &= (labels[left] == labels[best]).all(dim=1)
        left = left[~covered]
    return torch.stack(kept) if kept else left


def _corners(boxes: Tensor) -> Tensor:
    """The corners of rotated boxes in double precision, shape (n, 4, 2)."""
    x, y, width, height, angle = boxes[:, :5].double().unbind(dim=1)
    along = torch.stack((angle.cos() * width, angle.sin() * width), dim=1) / 2
    across = torch.stack((-angle.sin() * height, angle.cos() * height), dim=1) / 2
    ends = torch.stack((-along - across, along - across, along + across, across - along), dim=1)
    return torch.stack((x, y), dim=1)[:, None] + ends


def _ratios(first: Tensor, second: Tensor, mode_flag: int) -> Tensor:
    areas = _areas(first).abs(), _areas(second).abs()
    ratios = torch.zeros_like(areas[0])
    low, high = (torch.stack([each.amin(1), each.amax(1)]) for each in (first, second))
    near = (torch.minimum(low[1], high[1]) > torch.maximum(low[0], high[0])).all(dim=1)
    near &= (areas[0] > 1e-14) & (areas[1] > 1e-14)
    common = _common_areas(first[near], second[near])
    whole = areas[0][near] if mode_flag else areas[0][near] + areas[1][near] - common
    ratios[near] = common / whole
    return ratios


def _cross(one: Tensor, other: Tensor) -> Tensor:
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def _areas(corners: Tensor) -> Tensor:
    """The areas of polygons, positive for one direction of their corners; shape (n,)."""
    return _cross(corners, corners.roll(-1, dims=1)).sum(dim=1) / 2


def _common_areas(first: Tensor, second: Tensor) -> Tensor:
    """The areas of the intersections of convex quadrilaterals, both of shape (n, 4, 2).

    The corners of an intersection are the corners of each that lie in the other, and where sides cross.
    """
    first, second = (torch.where((_areas(each) < 0)[:, None, None], each.flip(1), each) for each in (first, second))
    sides = first.roll(-1, dims=1) - first, second.roll(-1, dims=1) - second
    apart = second[:, None] - first[:, :, None]
    slopes = _cross(sides[0][:, :, None], sides[1][:, None])
    along = _cross(apart, sides[1][:, None]) / slopes, _cross(apart, sides[0][:, :, None]) / slopes
    crosses = ((along[0] >= 0) & (along[0] <= 1) & (along[1] >= 0) & (along[1] <= 1)).flatten(1)
    crossings = (first[:, :, None] + along[0][..., None] * sides[0][:, :, None]).flatten(1, 2)
    points = torch.cat((first, second, crossings), dim=1)
    valid = torch.cat((_inside(first, second, sides[1]), _inside(second, first, sides[0]), crosses), dim=1)
    points = torch.where(valid[..., None], points, torch.zeros_like(points))
    centre = points.sum(dim=1, keepdim=True) / valid.sum(dim=1).clamp(min=1)[:, None, None]
    around = points - centre
    angles = torch.where(valid, torch.atan2(around[..., 1], around[..., 0]), torch.inf)
    angles, order = angles.sort(dim=1)
    ring = around.gather(1, order[..., None].expand_as(around))
    # What is no corner repeats the first one, and adds nothing.
    ring = torch.where(angles.isinf()[..., None], ring[:, :1], ring)
    return _areas(ring).abs() * (valid.sum(dim=1) > 2)


def _inside(points: Tensor, corners: Tensor, sides: Tensor) -> Tensor:
    """Which points lie in a convex polygon, on the left of all of its sides; shape (n, points)."""
    return (_cross(sides[:, None], points[:, :, None] - corners[:, None]) >= 0).all(dim=2)
