"""Building without the memory of large tensors: what stays real, what code finds missing, when it begins."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import torch

from introspect_export.sandbox import meta_device as subject
from introspect_export.sandbox.meta_device import TensorWatch, built, unallocated

MODELS = '''
import copy
import numpy
import torch
from torch import nn

SIZE = 256

class Plain(nn.Module):
    """Only fills its parameters."""
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(SIZE, SIZE)
        nn.init.trunc_normal_(self.first.weight, std=0.02)
        nn.init.constant_(self.first.bias, 3)
        self.table = nn.Parameter(torch.zeros(1, SIZE, SIZE))
        self.old = nn.Parameter(torch.Tensor(SIZE, SIZE))
        self.table.data = torch.randn(1, SIZE, SIZE)
        self.register_buffer('mask', torch.ones(SIZE, SIZE).tril())
        self.layers = nn.ModuleList(copy.deepcopy(self.first) for _ in range(2))

class Small(nn.Module):
    """Computes on what is small: the rates of stochastic depth, an index."""
    def __init__(self):
        super().__init__()
        self.rates = [rate.item() for rate in torch.linspace(0, 0.3, 7)]
        grid = torch.stack(torch.meshgrid(torch.arange(7), torch.arange(7), indexing='ij')).flatten(1)
        self.register_buffer('index', (grid[:, :, None] - grid[:, None, :]).sum(0))
        self.biggest = int(self.index.max())
        self.wide = nn.Linear(SIZE, SIZE)
        rates = torch.arange(SIZE, dtype=torch.float32, device=self.wide.weight.device)
        self.wide.bias.data = rates
        self.last = self.wide.bias[-1].item()

class Asking(nn.Module):
    """Wants the values of something large."""
    ask = staticmethod(lambda weight: weight.sum().item())

    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(SIZE, SIZE)
        nn.init.ones_(self.wide.weight)
        self.answer = self.ask(self.wide.weight)

class Numpy(Asking):
    ask = staticmethod(lambda weight: float(numpy.asarray(weight.detach()).sum()))

class Listed(Asking):
    ask = staticmethod(lambda weight: sum(map(sum, weight.tolist())))

class Branching(Asking):
    ask = staticmethod(lambda weight: 65536.0 if weight.sum() > 1 else 0.0)

class Chosen(Asking):
    ask = staticmethod(lambda weight: float(len(weight[weight > 0])))

class Equal(Asking):
    ask = staticmethod(lambda weight: 65536.0 if torch.equal(weight, torch.ones_like(weight)) else 0.0)

class Copied(Asking):
    """Writes values that are not there into a small tensor."""
    def ask(self, weight):
        small = torch.zeros(SIZE)
        small.copy_(weight.sum(0))
        return float(small.sum().detach())

class Swallowing(Asking):
    """Goes on without what it could not have: it must not come to that."""
    def ask(self, weight):
        try:
            return weight.sum().item()
        except Exception:
            return None

class Around(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.plain = Plain()
        self.inner = inner()

class Failing(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(SIZE, SIZE)
        raise ValueError('by itself')
'''


@pytest.fixture(scope='module')
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The classes above."""
    file = tmp_path_factory.mktemp('unallocated') / 'unallocated_models.py'
    file.write_text(MODELS)
    spec = importlib.util.spec_from_file_location('unallocated_models', file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules['unallocated_models'] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules['unallocated_models']


def sizes(model: torch.nn.Module) -> dict[str, tuple[Any, ...]]:
    return {name: (tuple(one.shape), one.dtype) for name, one in model.state_dict().items()}


def without_values(model: torch.nn.Module) -> set[str]:
    return {name for name, one in model.state_dict().items() if one.is_meta}


def test_what_is_large_has_no_values(models: ModuleType) -> None:
    model, _, real = built('meta', lambda _: models.Plain())
    assert real == ()
    assert sizes(model) == sizes(models.Plain())
    assert without_values(model) == {
        *('first.weight', 'table', 'old', 'mask'),
        *('layers.0.weight', 'layers.1.weight'),
    }
    assert set(model.first.bias.tolist()) == {3.0}
    assert isinstance(model.table, torch.nn.Parameter)


def test_what_is_small_is_there(models: ModuleType) -> None:
    model, _, real = built('meta', lambda _: models.Small())
    other = models.Small()
    assert real == ()
    assert (model.rates, model.biggest, model.last) == (other.rates, other.biggest, 255)
    assert torch.equal(model.index, other.index)
    assert without_values(model) == {'wide.weight'}


@pytest.mark.parametrize('name', ['Asking', 'Numpy', 'Listed', 'Branching', 'Chosen', 'Equal', 'Copied', 'Swallowing'])
def test_the_part_that_asks_for_values_has_them(models: ModuleType, name: str) -> None:
    def build(watch: TensorWatch) -> Any:
        try:
            return models.Around(getattr(models, name))
        except Exception:
            assert watch.needed is not None
            return None

    model, _, real = built('meta', build)
    assert real == (f'unallocated_models:{name}',)
    assert model.inner.answer == 65536.0
    assert {one.partition('.')[0] for one in without_values(model)} == {'plain'}


def test_what_asks_outside_of_any_module_has_everything_real(models: ModuleType) -> None:
    def build(watch: TensorWatch) -> Any:
        model = models.Plain()
        return model, model.mask.sum().item() if watch.needed is None else 0

    def caught(watch: TensorWatch) -> Any:
        try:
            return build(watch)
        except RuntimeError:
            return None, 0

    (model, total), _, real = built('meta', caught)
    assert real == ('',)
    assert total == 256 * 257 / 2
    assert without_values(model) == set()


def test_an_error_of_the_models_own_is_left_alone(models: ModuleType) -> None:
    times: list[TensorWatch] = []

    def build(watch: TensorWatch) -> None:
        times.append(watch)
        models.Around(models.Failing)

    with pytest.raises(ValueError, match='by itself'):
        built('meta', build)
    assert len(times) == 1


def test_nothing_of_it_stays(models: ModuleType) -> None:
    with unallocated():
        pass
    assert without_values(models.Plain()) == set()


def test_free_memory_is_found() -> None:
    assert 1 << 20 < subject._available() < 1 << 50
