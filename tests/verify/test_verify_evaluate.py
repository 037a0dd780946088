"""Outputs that spread, predictions that are nearly right, and what is said of what thresholds did."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.structures import BaseDataElement, InstanceData, LabelData, PixelData

from introspect_export.verify.evaluate_level import check_evaluate
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import DifferenceError, NotShownError, Pair

sys.path.insert(0, str(Path(__file__).parent))
from test_verify_levels import Script

from introspect_export.verify.child.evaluation import _lengths
from introspect_export.verify.child.mixed_predictions import mixed
from introspect_export.verify.child.spread_weights import spreading
from introspect_export.verify.data_level import Inputs


def net() -> torch.nn.Sequential:
    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Conv2d(8, 4, 1, bias=False)]
    model = torch.nn.Sequential(*layers, torch.nn.Conv2d(4, 2, 1))
    torch.nn.init.normal_(model[-1].weight, std=1e-4)
    torch.nn.init.constant_(model[-1].bias, -4.6)
    return model


@pytest.mark.parametrize(('deviation', 'centred', 'mean'), [(1.0, True, 0.0), (4.0, True, 0.0), (0.5, False, -4.6)])
def test_outputs_spread_as_it_is_asked(deviation: float, centred: bool, mean: float) -> None:
    model, picture = net(), torch.rand(1, 3, 8, 8)
    model.requires_grad_(False)
    assert float(model(picture).std()) < 1e-3
    with spreading(model, deviation, centred):
        first = model(picture)
    for output in (first, model(picture)):
        assert float(output.double().std()) == pytest.approx(deviation, rel=1e-2)
        assert float(output.double().mean()) == pytest.approx(mean, abs=1e-2)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_layer_that_gives_one_number_everywhere_is_left_as_it_is() -> None:
    model = torch.nn.Linear(2, 2)
    torch.nn.init.zeros_(model.weight)
    before = model.bias.tolist()
    with spreading(model, 1.0):
        model(torch.ones(1, 2))
    assert model.weight.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert len(before) == 2


def test_some_predictions_are_made_nearly_right() -> None:
    sample = BaseDataElement()
    truth = InstanceData(
        bboxes=torch.tensor([[0.0, 0, 10, 10], [5, 5, 20, 20], [1, 1, 2, 2]]), labels=torch.tensor([1, 2, 3])
    )
    given = InstanceData(bboxes=torch.zeros(4, 4), labels=torch.zeros(4, dtype=torch.long), scores=torch.rand(4))
    sample.set_field(truth, 'gt_instances', dtype=InstanceData)
    sample.set_field(given, 'pred_instances', dtype=InstanceData)
    sample.set_field(PixelData(data=torch.ones(1, 4, 4)), 'gt_sem_seg', dtype=PixelData)
    sample.set_field(PixelData(data=torch.zeros(1, 4, 4)), 'pred_sem_seg', dtype=PixelData)
    sample.set_field(LabelData(item=torch.tensor([7])), 'pred_other', dtype=LabelData)
    (made,), count = mixed([sample], 0.05)
    assert made.pred_instances.labels.tolist() == [1, 0, 3, 0]
    assert made.pred_instances.bboxes[1].tolist() == [0, 0, 0, 0]
    assert torch.allclose(made.pred_instances.bboxes[0], truth.bboxes[0], rtol=0.06)
    assert made.pred_instances.scores.tolist() == given.scores.tolist()
    assert 0 < int(made.pred_sem_seg.data.count_nonzero()) < 16
    assert count == 3
    assert given.labels.tolist() == [0, 0, 0, 0]
    assert list(_lengths(sample)) == [4]
    assert torch.equal(mixed([sample], 0.05)[0][0].pred_instances.bboxes, made.pred_instances.bboxes)


def test_what_has_no_truth_beside_it_stays() -> None:
    samples: list[Any] = [
        {'pred_label': torch.tensor([3]), 'gt_label': torch.tensor([5])},
        torch.ones(2),
        {'pred_x': 1},
    ]
    made, places = mixed(samples, 0.0)
    assert (made[0]['pred_label'].tolist(), made[2], places) == ([5], {'pred_x': 1}, 1)


FINE: dict[str, Any] = {
    'errors': {},
    'ran': ['val_evaluator'],
    'passed': [3, 7],
    'matched': 2,
    'tree': {'val': {'kind': 'mapping', 'items': [['AP', {'kind': 'plain', 'value': 1}]]}},
}
INPUTS = Inputs((), {'train': '', 'val': ''})


def shown(folder: Path, ours: Any, theirs: Any) -> Any:
    pair = Pair(Script(folder, evaluate=ours), Script(folder, evaluate=theirs), RenamedTypes({}), parallel=False)
    return check_evaluate(pair, 'c.pt', INPUTS)


def test_evaluators_that_find_the_same(tmp_path: Path) -> None:
    found = shown(tmp_path, FINE, FINE)
    assert (found.notes, found.without, found.ran) == ((), (), {'val_evaluator'})


@pytest.mark.parametrize(
    ('more', 'note'),
    [
        ({'passed': [0, 0]}, 'no instance passes the thresholds, so what they let pass is not seen'),
        ({'passed': [9, 9]}, '9 instances pass in every sample, so what thresholds keep out is not seen'),
        ({'matched': 0}, 'no prediction could be made nearly right, so what metrics make of right ones is not seen'),
    ],
)
def test_where_thresholds_do_not_bite_it_is_said(tmp_path: Path, more: Any, note: str) -> None:
    assert shown(tmp_path, {**FINE, **more}, {**FINE, **more}).notes == (note,)


def test_an_evaluator_of_the_original_that_fails_is_told(tmp_path: Path) -> None:
    fails = {**FINE, 'errors': {'val_evaluator, x': 'ValueError: odd'}}
    found = shown(tmp_path, fails, fails)
    assert (found.notes, found.without) == (('val_evaluator, x: the original: ValueError: odd',), ('val_evaluator, x',))
    with pytest.raises(DifferenceError, match='val_evaluator, x: original works, pack ValueError: odd'):
        shown(tmp_path, FINE, fails)
    with pytest.raises(DifferenceError, match='val_evaluator, x: original ValueError: odd, pack works'):
        shown(tmp_path, fails, FINE)
    with pytest.raises(NotShownError, match='val_evaluator, x: the original: ValueError: odd'):
        shown(tmp_path, {**fails, 'tree': {}}, {**fails, 'tree': {}})


def test_evaluators_that_find_something_else(tmp_path: Path) -> None:
    other = {**FINE, 'tree': {'val': {'kind': 'mapping', 'items': [['AP', {'kind': 'plain', 'value': 2}]]}}}
    with pytest.raises(DifferenceError, match='val: AP: original 1, pack 2'):
        shown(tmp_path, FINE, other)
    with pytest.raises(DifferenceError, match='val: pack has none'):
        shown(tmp_path, FINE, {**FINE, 'tree': {}})
    with pytest.raises(NotShownError, match='the original itself gives something else each time'):
        shown(tmp_path, [FINE, other], other)
    pair = Pair(Script(tmp_path), Script(tmp_path), RenamedTypes({}), parallel=False)
    with pytest.raises(NotShownError, match='no data for validation or a test'):
        check_evaluate(pair, 'c.pt', Inputs((), {'train': ''}))
