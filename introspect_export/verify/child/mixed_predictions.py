"""Predictions that are partly replaced by the ground truth, so that metrics see correct and wrong ones.

Predicted samples contain the ground truth beside the prediction: ``gt_instances`` and ``pred_instances``, ``gt_label``
and ``pred_label``, and so on.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PREDICTED, _TRUE = 'pred_', 'gt_'


def mixed(samples: Any, noise: float, seed: int = 0) -> tuple[list[Any], int]:
    """Replace some predictions by the ground truth, in copies of samples.

    Args:
        samples: The predicted samples.
        noise: The relative noise that is added to floating-point numbers.
        seed: The seed of the noise.

    Returns:
        The copies, and the number of fields that were changed.
    """
    import torch

    noise_source = _Noise(torch.Generator().manual_seed(seed), noise)
    found, count = [], 0
    for sample in samples:
        made = copy.deepcopy(sample)
        fields = dict(made.items()) if isinstance(made, Mapping) or hasattr(made, 'all_items') else {}
        for name, predicted in fields.items():
            truth = fields.get(name.replace(_PREDICTED, _TRUE, 1)) if name.startswith(_PREDICTED) else None
            if truth is None:
                continue
            other, changed = _mixed(predicted, truth, noise_source)
            count += changed
            if isinstance(made, Mapping):
                made[name] = other  # type: ignore[index]
            elif other is not predicted:
                setattr(made, name, other)
        found.append(made)
    return found, count


@dataclass(frozen=True)
class _Noise:
    """A random generator, and the relative amplitude of the noise."""

    generator: Any
    amplitude: float


def _mixed(predicted: Any, truth: Any, noise: _Noise) -> tuple[Any, int]:
    import torch

    if isinstance(predicted, torch.Tensor):
        changed = _rows(predicted, truth, noise)
        return (predicted, 0) if changed is None else (changed, 1)
    if not hasattr(predicted, 'items') or not hasattr(truth, 'items'):
        return predicted, 0
    count = 0
    known = dict(truth.items())
    for name, value in list(predicted.items()):
        changed = _rows(value, known.get(name), noise)
        if changed is not None:
            count += 1
            if isinstance(predicted, Mapping):
                predicted[name] = changed  # type: ignore[index]
            else:
                setattr(predicted, name, changed)
    return predicted, count


def _rows(predicted: Any, truth: Any, noise: _Noise) -> Any:
    """A tensor or array with every second row replaced by the noisy ground truth; None if the shapes do not match."""
    import numpy
    import torch

    if isinstance(predicted, numpy.ndarray):
        changed = _rows(_tensor(predicted), truth, noise)
        return None if changed is None else changed.numpy().astype(predicted.dtype)
    truth = _tensor(truth)
    if (
        not isinstance(predicted, torch.Tensor)
        or truth is None
        or predicted.dim() != truth.dim()
        or not predicted.dim()
    ):
        return None
    if predicted.shape[1:] != truth.shape[1:]:
        return None
    count = min(len(predicted), len(truth))
    if count == 0:
        return None
    new = truth[:count].to(predicted.dtype)
    if predicted.is_floating_point():
        new = new * (1 + noise.amplitude * (2 * torch.rand(new.shape, generator=noise.generator) - 1))
    result = predicted.clone()
    if predicted.shape == truth.shape and predicted.dim() > 1 and len(predicted) == 1:
        # There is only one row (scores of classes), so random elements are replaced.
        kept = torch.rand(new.shape, generator=noise.generator) < 0.5
        result[:count] = torch.where(kept, new, result[:count])
    else:
        result[:count:2] = new[::2]
    return result


def _tensor(value: Any) -> Any:
    """A tensor, the tensor of a box container, or an array as a tensor; None for anything else."""
    import numpy
    import torch

    inner = value if isinstance(value, torch.Tensor) else getattr(value, 'tensor', value)
    if isinstance(inner, numpy.ndarray) and inner.dtype.kind in 'biuf':
        return torch.from_numpy(numpy.array(inner))
    return inner.detach() if isinstance(inner, torch.Tensor) else None
