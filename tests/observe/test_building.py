"""Building with real tensors while there is room for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS, MODELS
from torch import nn

from introspect_export.observe.construction_trace import Makings
from introspect_export.observe.section_facts import Surroundings
from introspect_export.sandbox import meta_device
from introspect_export.sandbox.building import build_model, build_rest
from introspect_export.sandbox.meta_device import ALLOWANCE, built, counted


def build(_: Any) -> nn.Module:
    return nn.Sequential(*(nn.Linear(256, 256) for _ in range(8)))


def devices(model: nn.Module) -> set[str]:
    return {each.device.type for each in model.parameters() if each.ndim > 1}


def test_what_has_no_room_is_built_once_more_without_values() -> None:
    model, device, real = built('auto', build)
    assert (devices(model), device, real) == ({'cpu'}, 'cpu', ())
    model, device, real = built('auto', build, 1 << 20)
    assert (devices(model), device, real) == ({'meta'}, 'meta', ())
    assert devices(built('cpu', build, 1 << 20)[0]) == {'cpu'}


def test_code_that_catches_errors_does_not_catch_it() -> None:
    def guarded(watch: Any) -> Any:
        try:
            return build(watch)
        except Exception:
            return nn.Identity()

    assert len(built('auto', guarded, 1 << 20)[0]) == 8


def test_nothing_of_it_stays() -> None:
    built('auto', build, 1 << 20)
    assert devices(build(None)) == {'cpu'} and torch.zeros(1).device.type == 'cpu'


def test_little_free_memory_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert built('auto', build, ALLOWANCE)[1] == 'cpu'
    monkeypatch.setattr(meta_device, '_available', lambda: 4 << 20)
    assert built('auto', build, ALLOWANCE)[1] == 'meta'


def test_parameters_without_a_shape_yet_take_no_room() -> None:
    with counted(0):
        assert nn.LazyLinear(3, bias=False).has_uninitialized_params()


@METRICS.register_module()
class Scoring(BaseMetric):  # type: ignore[misc]
    """A metric with a network of its own."""

    begun: ClassVar[list[Scoring]] = []

    def __init__(self) -> None:
        super().__init__()
        self.begun.append(self)
        self.network = nn.Sequential(*(nn.Linear(2048, 2048) for _ in range(6)))

    def process(self, data_batch: Any, data_samples: Any) -> None:
        """Do nothing."""

    def compute_metrics(self, results: Any) -> dict[str, float]:
        """Return nothing."""
        return {}


@MODELS.register_module()
class Small(nn.Module):
    """A model with room."""

    made: ClassVar[list[nn.Module]] = []

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(256, 256)
        self.made.append(self)


def test_a_large_metric_costs_no_second_building_of_the_model(tmp_path: Path) -> None:
    config = ConfigDict(model={'type': 'Small'}, val_evaluator={'type': 'Scoring'})
    made = Makings()
    around = Surroundings(
        config, made, lambda target: target, lambda target, config: None, str(tmp_path), [], lambda text: None
    )
    building = build_rest(around.begin, build_model(around.begin, 'auto'))
    (model,) = Small.made
    assert building.model is model and devices(model) == {'cpu'}
    (_, metric) = Scoring.begun
    assert devices(metric.network) == {'meta'}
    observed = building.sections.listener
    built_ones = [(event.path, event.type_text) for event in observed.recorder.events if event.kind == 'build']
    assert built_ones.count(('model', 'Small')) == built_ones.count(('val_evaluator', 'Scoring')) == 1
    assert [fact.path for fact in observed.facts].count('val_evaluator') == 1
    assert made.of(model) is not None and made.of(metric.network) is not None


def test_torch_s_compiler_is_not_imported() -> None:
    script = (
        'import sys, torch\n'
        'from introspect_export.sandbox.meta_device import built\n'
        "built('meta', lambda watch: torch.nn.Linear(256, 256))\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
