"""Non-maximum suppression of boxes (x1, y1, x2, y2)."""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int) -> Tensor:
    """The indices of the boxes that no better box overlaps by more than a threshold, best first.

    Args:
        boxes: Shape (n, 4).
        scores: Shape (n,).
        iou_threshold: The threshold.
        offset: 1 where the last pixel belongs to a box, so that it is ``x2 - x1 + 1`` wide.
    """
    # Equal scores come in the order of an unstable sort, as in the compiled operator; torchvision's is stable.
    order = scores.sort(0, descending=True)[1]
    ranks = torch.arange(len(order), 0, -1, dtype=boxes.dtype, device=boxes.device)
    ends = boxes.new_tensor([0, 0, offset, offset])
    kept = torchvision.ops.nms((boxes + ends if offset else boxes)[order], ranks, iou_threshold)
    return order[kept]


def softnms(
    boxes: Tensor,
    scores: Tensor,
    dets: Tensor,
    iou_threshold: float,
    sigma: float,
    min_score: float,
    method: int,
    offset: int,
) -> Tensor:
    """Soft suppression (https://arxiv.org/abs/1704.04503): overlapped boxes lose score, and go below a minimum.

    Args:
        boxes: Shape (n, 4).
        scores: Shape (n,).
        dets: Receives the kept boxes with their scores, best first; shape (n, 5).
        iou_threshold: For the methods 0 and 1, the overlap from which a box loses score.
        sigma: For the method 2, the width of the Gaussian.
        min_score: The score below which a box is dropped.
        method: 0 drops what overlaps, 1 weakens it linearly, 2 by a Gaussian.
        offset: As in ``nms``.

    Returns:
        The indices of the kept boxes.
    """
    left = torch.arange(len(boxes), device=boxes.device)
    scores = scores.clone()
    sizes = boxes[:, 2:] - boxes[:, :2] + offset
    areas = sizes[:, 0] * sizes[:, 1]
    kept: list[Tensor] = []
    while len(left):
        # The overlap of two empty boxes is no number, nor is the score then, which is never the best but at the start.
        at = 0 if scores[left[0]].isnan() else int(scores[left].nan_to_num(-torch.inf).argmax())
        best = left[at].clone()
        dets[len(kept)] = torch.cat((boxes[best], scores[best, None]))
        kept.append(best)
        left[at] = left[0]
        left = left[1:]
        overlap = _overlaps(boxes[best], boxes[left], areas[best], areas[left], offset)
        if method == 2:
            weights = torch.exp(-(overlap * overlap) / sigma)
        else:
            weakened = 1 - overlap if method == 1 else torch.zeros_like(overlap)
            weights = torch.where(overlap >= iou_threshold, weakened, torch.ones_like(overlap))
        scores[left] *= weights
        left = _closed_up(left, ~(scores[left] < min_score))
    return torch.stack(kept) if kept else left


def _closed_up(items: Tensor, stay: Tensor) -> Tensor:
    """The items that stay. The last ones take the places of those that go, as in the compiled operator."""
    count = int(stay.sum())
    result = items[:count].clone()
    result[~stay[:count]] = items[count:][stay[count:]].flip(0)
    return result


def nms_match(dets: Tensor, iou_threshold: float) -> list[list[int]]:
    """For each box that ``nms`` keeps, its index and those of the boxes that it suppresses, best first.

    Args:
        dets: Boxes with scores, shape (n, 5).
        iou_threshold: The overlap from which a box is suppressed.
    """
    boxes, left = dets[:, :4], dets[:, 4].sort(0, descending=True)[1]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    found: list[list[int]] = []
    while len(left):
        best, left = left[0], left[1:]
        covered = _overlaps(boxes[best], boxes[left], areas[best], areas[left], 0) >= iou_threshold
        found.append([int(best), *left[covered].tolist()])
        left = left[~covered]
    return found


def _overlaps(box: Tensor, others: Tensor, area: Tensor, areas: Tensor, offset: int) -> Tensor:
    """The intersection over union of a box with others."""
    low, high = torch.maximum(box[:2], others[:, :2]), torch.minimum(box[2:], others[:, 2:])
    common = (high - low + offset).clamp(min=0).prod(dim=1)
    return common / (area + areas - common)
