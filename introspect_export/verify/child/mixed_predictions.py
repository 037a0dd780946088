"""Predictions of which some are nearly right, so that what a metric makes of right and wrong ones is seen.

In what models give, the truth stands beside the prediction: ``gt_instances`` and ``pred_instances``, ``gt_label`` and
``pred_label``, and so on.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PREDICTED, _TRUE = 'pred_', 'gt_'


def mixed(samples: Any, noise: float, seed: int = 0) -> tuple[list[Any], int]:
    """Copies of predicted samples with the truth in some places; and in how many.

    Args:
        samples: What was predicted.
        noise: By how much of themselves numbers are off that are no labels.
        seed: Of the noise.
    """
    import torch

    chance = _Chance(torch.Generator().manual_seed(seed), noise)
    found, count = [], 0
    for sample in samples:
        made = copy.deepcopy(sample)
        fields = dict(made.items()) if isinstance(made, Mapping) or hasattr(made, 'all_items') else {}
        for name, predicted in fields.items():
            truth = fields.get(name.replace(_PREDICTED, _TRUE, 1)) if name.startswith(_PREDICTED) else None
            if truth is None:
                continue
            other, changed = _mixed(predicted, truth, chance)
            count += changed
            if isinstance(made, Mapping):
                made[name] = other  # type: ignore[index]
            elif other is not predicted:
                setattr(made, name, other)
        found.append(made)
    return found, count


@dataclass(frozen=True)
class _Chance:
    source: Any
    noise: float


def _mixed(predicted: Any, truth: Any, chance: _Chance) -> tuple[Any, int]:
    import torch

    if isinstance(predicted, torch.Tensor):
        changed = _rows(predicted, truth, chance)
        return (predicted, 0) if changed is None else (changed, 1)
    if not hasattr(predicted, 'items') or not hasattr(truth, 'items'):
        return predicted, 0
    count = 0
    known = dict(truth.items())
    for name, value in list(predicted.items()):
        changed = _rows(value, known.get(name), chance)
        if changed is not None:
            count += 1
            if isinstance(predicted, Mapping):
                predicted[name] = changed  # type: ignore[index]
            else:
                setattr(predicted, name, changed)
    return predicted, count


def _rows(predicted: Any, truth: Any, chance: _Chance) -> Any:
    """A tensor or array with every second row from another one, numbers that are no labels only nearly so; or None."""
    import numpy
    import torch

    if isinstance(predicted, numpy.ndarray):
        changed = _rows(_tensor(predicted), truth, chance)
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
        new = new * (1 + chance.noise * (2 * torch.rand(new.shape, generator=chance.source) - 1))
    result = predicted.clone()
    if predicted.shape == truth.shape and predicted.dim() > 1 and len(predicted) == 1:
        kept = torch.rand(new.shape, generator=chance.source) < 0.5
        result[:count] = torch.where(kept, new, result[:count])
    else:
        result[:count:2] = new[::2]
    return result


def _tensor(value: Any) -> Any:
    """A tensor, or what holds one; None for anything else."""
    import numpy
    import torch

    held = value if isinstance(value, torch.Tensor) else getattr(value, 'tensor', value)
    if isinstance(held, numpy.ndarray) and held.dtype.kind in 'biuf':
        return torch.from_numpy(numpy.array(held))
    return held.detach() if isinstance(held, torch.Tensor) else None
