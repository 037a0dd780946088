"""Give a model weights with which its outputs spread, so that thresholds let some of them pass and others not.

Just built, or initialized, most models give nearly the same everywhere: no score is over its threshold, or all are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LEAST = 1e-6


@contextmanager
def spreading(model: Any, deviation: float, centred: bool = True) -> Iterator[None]:
    """While the context lasts, the first output of each layer with weights gets this deviation, and a mean of zero.

    The layer's own weights and bias are changed, so that it is so from then on. What each gives depends on those before
    it: one run of the model suffices. Two models that compute the same are changed alike.

    Args:
        model: The model.
        deviation: The standard deviation.
        centred: Whether the mean becomes zero; else it stays, which many models begin with low scores by.
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
    """Changes a layer by the first output that it gives.

    Args:
        deviation: The standard deviation that its output is to have.
        centred: Whether its mean is to be zero.
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
        left = 0.0 if self._centred else mean
        with torch.no_grad():
            module.weight.mul_(by)
            if bias is not None:
                bias.sub_(mean).mul_(by).add_(left)
        return (output - mean) * by + left


def _is_layer(module: Any) -> bool:
    """Whether a module is a convolution or the like: it has weights, and no module in it."""
    import torch

    weight = getattr(module, 'weight', None)
    matrix = isinstance(weight, torch.nn.Parameter) and weight.dim() > 1 and weight.is_floating_point()
    return matrix and not isinstance(module, torch.jit.ScriptModule) and not any(True for _ in module.children())
