"""The focal loss (https://arxiv.org/abs/1708.02002) and its gradient, for each sample and class."""

from __future__ import annotations

import torch
from torch import Tensor

_SMALLEST = torch.finfo(torch.float32).tiny


def sigmoid_focal_loss_forward(
    input: Tensor, target: Tensor, weight: Tensor, output: Tensor, gamma: float, alpha: float
) -> None:
    """The loss of independent classes.

    Args:
        input: Logits, shape (n, classes).
        target: The class of each sample, shape (n,); any other number for none of them.
        weight: A weight for each class, or empty.
        output: Receives the losses, shape (n, classes).
        gamma: The exponent that weakens what is easy.
        alpha: The weight of positive samples.
    """
    positive, p = _is_class(input, target), input.sigmoid()
    missed = -alpha * (1 - p) ** gamma * p.clamp(min=_SMALLEST).log()
    false = -(1 - alpha) * p**gamma * (1 - p).clamp(min=_SMALLEST).log()
    output.copy_(_weighted(torch.where(positive, missed, false), weight, target))


def sigmoid_focal_loss_backward(
    input: Tensor, target: Tensor, weight: Tensor, grad_input: Tensor, gamma: float, alpha: float
) -> None:
    """The derivative of ``sigmoid_focal_loss_forward`` by its input, into ``grad_input``."""
    positive, p = _is_class(input, target), input.sigmoid()
    missed = -alpha * (1 - p) ** gamma * (1 - p - gamma * p * p.clamp(min=_SMALLEST).log())
    false = -(1 - alpha) * p**gamma * (gamma * (1 - p) * (1 - p).clamp(min=_SMALLEST).log() - p)
    grad_input.copy_(_weighted(torch.where(positive, missed, false), weight, target))


def softmax_focal_loss_forward(
    input: Tensor, target: Tensor, weight: Tensor, output: Tensor, gamma: float, alpha: float
) -> None:
    """The loss of exclusive classes.

    Args:
        input: Probabilities, shape (n, classes).
        target: The class of each sample, shape (n,); negative for samples without loss.
        weight: A weight for each class, or empty.
        output: Receives the losses, shape (n,).
        gamma: The exponent that weakens what is easy.
        alpha: The weight of the loss.
    """
    p = input.gather(1, target.clamp(min=0)[:, None])[:, 0]
    losses = -alpha * (1 - p) ** gamma * p.clamp(min=_SMALLEST).log()
    output.copy_(_of_valid(losses, weight, target))


def softmax_focal_loss_backward(
    input: Tensor, target: Tensor, weight: Tensor, buff: Tensor, grad_input: Tensor, gamma: float, alpha: float
) -> None:
    """The derivative of ``softmax_focal_loss_forward`` by the logits, into ``grad_input``; ``buff`` has shape (n,)."""
    p = input.gather(1, target.clamp(min=0)[:, None])[:, 0]
    logarithm = p.clamp(min=_SMALLEST).log()
    slopes = alpha * (gamma * (1 - p) ** (gamma - 1) * p * logarithm - (1 - p) ** gamma)
    buff.copy_(_of_valid(slopes, weight, target))
    grad_input.copy_(buff[:, None] * (_is_class(input, target).to(input) - input))


def _is_class(scores: Tensor, target: Tensor) -> Tensor:
    return target[:, None] == torch.arange(scores.shape[1], device=scores.device)


def _weighted(losses: Tensor, weight: Tensor, target: Tensor) -> Tensor:
    return losses * weight[target][:, None] if weight.numel() else losses


def _of_valid(losses: Tensor, weight: Tensor, target: Tensor) -> Tensor:
    weighted = losses * weight[target.clamp(min=0)] if weight.numel() else losses
    return torch.where(target >= 0, weighted, torch.zeros_like(weighted))
