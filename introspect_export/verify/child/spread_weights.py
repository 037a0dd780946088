"""Weights with which a model's outputs vary, so that some are above thresholds and some below.

The outputs of a newly built or initialized model are nearly constant: all scores are above a threshold, or none is.
The method is similar to layer-sequential unit-variance initialization (https://arxiv.org/abs/1511.06422).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LEAST = 1e-6


@contextmanager
def spreading(model: Any, deviation: float, centred: bool = True) -> Iterator[None]:
    """Rescale each layer at its first output while the context lasts, to a given deviation and a mean of zero.

    The layer's weights and bias are changed permanently. Since each layer is rescaled before its output is used by the
    next, one run of the model suffices. Two models that compute the same are changed in the same way.

    Args:
        model: The model.
        deviation: The standard deviation.
        centred: Whether the mean becomes zero; else it is kept: many models have a bias that makes initial scores low.
    """
    handles = [
        module.register_forward_hook(_Once(deviation, centred)) for module in model.modules() if _is_layer(module)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Once:
    """A forward hook that rescales a layer at its first output.

    Args:
        deviation: The new standard deviation of the output.
        centred: Whether the new mean is zero.
    """

    def __init__(self, deviation: float, centred: bool) -> None:
        self._deviation = deviation
        self._centred = centred
        self._done = False

    def __call__(self, module: Any, arguments: Any, output: Any) -> Any:
        import torch

        if self._done or not isinstance(output, torch.Tensor) or not output.is_floating_point():
            return output
        spread = output.detach().double().std()
        if output.numel() < 2 or not bool(spread.isfinite()) or float(spread) < _LEAST:
            return output
        self._done = True
        by = float(self._deviation / spread)
        bias = getattr(module, 'bias', None)
        mean = float(output.detach().double().mean()) if bias is not None else 0.0
        new_mean = 0.0 if self._centred else mean
        with torch.no_grad():
            module.weight.mul_(by)
            if bias is not None:
                bias.sub_(mean).mul_(by).add_(new_mean)
        return (output - mean) * by + new_mean


def _is_layer(module: Any) -> bool:
    """Whether a module is a linear layer or convolution: it has a weight matrix and no submodules."""
    import torch

    weight = getattr(module, 'weight', None)
    matrix = isinstance(weight, torch.nn.Parameter) and weight.dim() > 1 and weight.is_floating_point()
    return matrix and not isinstance(module, torch.jit.ScriptModule) and not any(True for _ in module.children())
