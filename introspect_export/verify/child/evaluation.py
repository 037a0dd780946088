"""The step *evaluate*: predictions that straddle thresholds, and the results of the config's evaluators on them."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Sequence
from typing import Any

from ...sandbox.faults import sentence
from .determinism import seed_everything
from .mixed_predictions import mixed
from .plain_trees import encode, storable
from .role_objects import Side
from .spread_weights import spreading

_PARTS = ('val', 'test')
_SPREADS = ((1.0, True), (4.0, True))
_OTHERS = ((0.5, False), (0.25, False), (1.0, False), (2.0, False), (0.1, False), (16.0, True))
"""Further deviations, tried in order while all samples have the same number of instances."""

_NOISES = (0.0, 0.02, 0.05, 0.08, 0.12, 0.18, 0.25)

Predicted = dict[str, list[tuple[Any, Any]]]
"""The batches with their predictions, by the name of the spread of outputs."""


def evaluate(side: Side, checkpoint: str, overrides: Sequence[Any], parts: Sequence[str]) -> dict[str, Any]:
    """Predict with spread outputs, and evaluate these predictions and versions of them that are partly correct.

    Args:
        side: The role.
        checkpoint: The file with the initial weights.
        overrides: The overrides of the config.
        parts: The parts that have data.

    Returns:
        ``file``: the file with the results by name; ``errors``: the exceptions, by part and operation; ``ran``: the
        sections that were run; ``passed``: the smallest and the largest number of instances in a sample; ``matched``:
        the number of fields that were partly replaced by the ground truth.
    """
    import torch

    config = side.config(overrides)
    results: dict[str, Any] = {}
    errors: dict[str, str] = {}
    ran: list[str] = []
    lengths: list[int] = []
    matched = 0
    for part in _distinct(config, [each for each in _PARTS if each in parts]):
        try:
            predicted = _predictions(side, config, checkpoint, part)
        except (Exception, SystemExit) as error:  # Foreign code may raise anything.
            errors[f'{part}: predicting'] = sentence(error)
            continue
        for spread, batches in predicted.items():
            results[f'{part}, {spread}'] = storable(encode([out for _, out in batches]))
            lengths += _counts(batches)
        if config.get(f'{part}_evaluator') is None:
            continue
        for name, batches, places in _evaluated(predicted):
            matched += places
            place = f'{part}_evaluator'
            try:
                processed, found = _metrics(side, config, part, batches)
                results[f'{place}, {name}, processed'] = processed
                results[f'{place}, {name}'] = storable(encode(found))
                ran.append(place)
            except (Exception, SystemExit) as error:
                errors[f'{place}, {name}'] = sentence(error)
    file = side.folder / f'{side.role}.evaluate.pt'
    torch.save(results, file)
    passed = [min(lengths), max(lengths)] if lengths else []
    return {'file': str(file), 'errors': errors, 'ran': ran, 'passed': passed, 'matched': matched}


def _distinct(config: Any, parts: Sequence[str]) -> list[str]:
    """The parts, without those whose data loader and evaluator equal an earlier part's."""
    seen: list[Any] = []
    found = []
    for part in parts:
        what = (config.get(f'{part}_dataloader'), config.get(f'{part}_evaluator'))
        if what not in seen:
            seen.append(what)
            found.append(part)
    return found


def _predictions(side: Side, config: Any, checkpoint: str, part: str) -> Predicted:
    """The predictions with several spreads of outputs; further ones are tried until numbers of instances differ."""
    found: Predicted = {}
    for deviation, centred in _SPREADS:
        found[_name(deviation, centred)] = _predicted(side, config, checkpoint, part, deviation, centred)
    for deviation, centred in _OTHERS:
        counts = [count for batches in found.values() for count in _counts(batches)]
        if len(set(counts)) != 1:
            break
        tried = _predicted(side, config, checkpoint, part, deviation, centred, 1)
        if set(_counts(tried)) - set(counts) - {0}:
            found[_name(deviation, centred)] = _predicted(side, config, checkpoint, part, deviation, centred)
    return found


def _name(deviation: float, centred: bool) -> str:
    return f'outputs of deviation {deviation}{"" if centred else " around their mean"}'


def _predicted(
    side: Side, config: Any, checkpoint: str, part: str, deviation: float, centred: bool, most: int | None = None
) -> list[tuple[Any, Any]]:
    """The batches, up to ``most``, with their predictions."""
    import torch

    model = side.running(copy.deepcopy(config), checkpoint)
    model.eval()  # Some models override it without returning themselves.
    step = model.val_step if part == 'val' else model.test_step
    found = []
    with torch.no_grad():
        for batch in _batches(side, config, part)[:1]:
            seed_everything()
            with spreading(model, deviation, centred):
                step(batch)
        for batch in _batches(side, config, part)[:most]:
            kept = copy.deepcopy(batch)
            seed_everything()
            found.append((kept, step(batch)))
    return found


def _counts(batches: Sequence[tuple[Any, Any]]) -> list[int]:
    return [count for _, out in batches for sample in out for count in _lengths(sample)]


def _batches(side: Side, config: Any, part: str) -> list[Any]:
    loader = side.loaders(copy.deepcopy(config), part)[0][1]
    seed_everything()
    return list(loader)


def _evaluated(predicted: Predicted) -> Iterator[tuple[str, list[tuple[Any, Any]], int]]:
    """The predictions to evaluate: unchanged, and partly replaced by noisy ground truth."""
    for spread, batches in predicted.items():
        yield spread, copy.deepcopy(batches), 0
    for noise in _NOISES:
        made, count = [], 0
        for number, (batch, out) in enumerate(predicted[_name(*_SPREADS[0])]):
            samples, places = mixed(out, noise, number)
            made.append((copy.deepcopy(batch), samples))
            count += places
        if count:
            yield f'outputs that are right in places but for {noise:.0%}', made, count


def _metrics(side: Side, config: Any, part: str, batches: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    """The processed results and the metrics of a part's evaluator, used as in mmengine's loops."""
    from ...sandbox.runner_stubs import training_stub

    config = copy.deepcopy(config)
    dataset = side.loaders(config, part)[0][1].dataset
    evaluator = training_stub(config, os.getcwd()).build_evaluator(config[f'{part}_evaluator'])
    if hasattr(dataset, 'metainfo'):
        evaluator.dataset_meta = dataset.metainfo
    seed_everything()
    for batch, out in batches:
        evaluator.process(data_samples=out, data_batch=batch)
    processed = storable(encode([metric.results for metric in evaluator.metrics]))
    return processed, evaluator.evaluate(len(dataset))


def _lengths(sample: Any) -> Iterator[int]:
    """The number of instances in each predicted field of a sample."""
    for name, value in sample.items() if hasattr(sample, 'all_items') else ():
        if name.startswith('pred_') and hasattr(value, 'all_items') and hasattr(value, '__len__'):
            yield len(value)
