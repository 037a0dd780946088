"""Gradients of operators that torch can differentiate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def gradients(run: Callable[..., Tensor], given: Sequence[Tensor], slopes: Tensor) -> tuple[Tensor, ...]:
    """The gradients of a function's result for its arguments.

    Args:
        run: The function.
        given: Its arguments.
        slopes: The gradient for its result, of as many numbers.
    """
    with torch.enable_grad():
        leaves = [each.detach().requires_grad_() for each in given]
        result = run(*leaves)
    return torch.autograd.grad(result, leaves, slopes.view_as(result))
