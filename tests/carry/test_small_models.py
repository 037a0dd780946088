"""Models of a small project, with what people do to models by hand."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import ExportError, export
from introspect_export.carry.pickle_survey import BY_VALUE

FILES = {
    'studio/__init__.py': '',
    'studio/tables.py': """
ALL = {}
NAMES = set()


def register(cls):
    if cls.__name__ in ALL:
        raise KeyError(cls.__name__)
    ALL[cls.__name__] = cls
    NAMES.add(cls)
    return cls
""",
    'studio/hooks.py': """
def doubled(module, inputs, output):
    return output * 2
""",
    'studio/layers.py': """
import torch
from torch import nn
from .tables import register


class Layer(nn.Module):
    gain = 1.0

    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(size, size))

    def scaled(self, x):
        return x * self.gain


@register
class Line(Layer):
    def forward(self, x):
        return self.scaled(x @ self.weight)


@register
class Unused(Layer):
    def forward(self, x):
        return x
""",
    'studio/model.py': """
import functools
import torch
from torch import nn
from .hooks import doubled
from .layers import Line


LIMIT = 9.0


def clipped(x, low, high):
    return x.clamp(max(low, -LIMIT), min(high, LIMIT))


class Kept:
    '''No module.'''

    def __init__(self, value):
        self.value = value


class Base(nn.Module):
    def forward(self, x):
        return self.tail(self.body(x))


class Model(Base):
    class Settings:
        bias = 0.5

    def __init__(self, size=4):
        super().__init__()
        self.body = nn.Sequential(Line(size), nn.ReLU(), Line(size))
        self.body[2].weight = self.body[0].weight
        self.register_buffer('table', torch.arange(float(size)))
        self.view = self.table[1:]
        self.clip = functools.partial(clipped, low=-1.0, high=1.0)
        self.settings = self.Settings()
        self.kept = Kept(torch.ones(1))
        self.body.register_forward_hook(doubled)
        self.body[0].register_forward_pre_hook(self.seen)
        self.count = 0

        self._register_load_state_dict_pre_hook(self.loading)

    def loading(self, state, *args):
        self.count += 10

    def seen(self, module, inputs):
        self.count += 1

    def tail(self, x):
        return self.clip(x + self.settings.bias + self.table + self.kept.value)
""",
}

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def studio(small_project: Write) -> Any:
    """The project's module of the model."""
    small_project(FILES)
    torch.manual_seed(0)
    return importlib.import_module('studio.model')


def _code(out: Path) -> str:
    return '\n'.join(file.read_text() for file in sorted((out / 'pack').rglob('*.py')))


def test_a_model_with_all_that_hangs_on_it(
    studio: Any, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    model, given = studio.Model().eval(), [torch.randn(3, 4)]
    model(*given)
    result = export(model, tmp_path / 'out')
    assert result.ok and result.flattened == 2 and not result.diagnostics
    told = (
        '(model.body[0].weight is model.body[2].weight, model.view.data_ptr() - model.table.data_ptr(), model.count, '
    )
    told += 'model.load_state_dict(model.state_dict()), model.count)[:3] + (model.count,)'
    answer = elsewhere(tmp_path / 'out', given, told=told)
    assert answer.told == (True, 4, 2, 12)
    same(model, given, answer)


def test_a_decorator_that_registers_pulls_in_nothing_else(studio: Any, tmp_path: Path) -> None:
    export(studio.Model(), tmp_path / 'out', verify=None)
    assert 'class Line(' in _code(tmp_path / 'out') and 'class Unused(' not in _code(tmp_path / 'out')


def test_a_pack_can_be_renamed(studio: Any, tmp_path: Path, printed: Callable[[Path, str], str]) -> None:
    export(studio.Model(), tmp_path / 'out', verify=None)
    (tmp_path / 'inner').mkdir()
    (tmp_path / 'out' / 'pack').rename(tmp_path / 'inner' / 'renamed')
    told = printed(tmp_path, 'import inner.renamed as pack; print(type(pack.load()).__module__)')
    assert told == 'inner.renamed.model\n'


def test_what_was_changed_by_hand(
    studio: Any, tmp_path: Path, elsewhere: Callable[..., Any], same: Callable[..., None]
) -> None:
    """An instance's own forward, of a function with a name; a head of another kind; an attribute."""
    model, given = studio.Model(), [torch.randn(2, 4)]
    model.body[0].forward = studio.Line.scaled.__get__(model.body[0])
    model.body[1] = torch.nn.Hardswish()
    model.body[2].gain = 3.0
    export(model, tmp_path / 'out')
    same(model, given, elsewhere(tmp_path / 'out', given))


def test_a_function_that_is_bound_to_a_class_by_hand(
    studio: Any, tmp_path: Path, printed: Callable[[Path, str], str]
) -> None:
    model = studio.Model()
    model.bound = types.MethodType(studio.clipped, studio.Kept)
    export(model, tmp_path / 'out', verify=None)
    bound = 'pack.load().bound'
    script = f'import pack; print({bound}.__func__.__name__, {bound}.__self__.__name__)'
    assert printed(tmp_path / 'out', script) == 'clipped Kept\n'


def test_a_lambda_goes_by_value(studio: Any, tmp_path: Path, printed: Callable[[Path, str], str]) -> None:
    model, factor = studio.Model(), 3.0
    model.tail = lambda x: studio.clipped(x * factor, -1.0, 1.0)
    with pytest.raises(ExportError, match=r'model.*the module studio.model itself is held'):
        export(model, tmp_path / 'out')
    clipped = studio.clipped
    model.tail = lambda x: clipped(x * factor, -1.0, 1.0)
    result = export(model, tmp_path / 'out')
    assert result.ok and [each.code for each in result.diagnostics] == [BY_VALUE]
    assert f'<code>{BY_VALUE}</code> ' in result._repr_html_() and '&lt;lambda&gt;' in result._repr_html_()
    assert 'dill==' in (tmp_path / 'out' / 'requirements.txt').read_text()
    script = 'import torch, pack; print(pack.load().tail(torch.tensor([0.1, 5.0])).tolist())'
    assert printed(tmp_path / 'out', script) == f'{model.tail(torch.tensor([0.1, 5.0])).tolist()}\n'


def test_a_class_made_in_a_function_goes_by_value(
    studio: Any, tmp_path: Path, printed: Callable[[Path, str], str]
) -> None:
    class Local(studio.Model):  # type: ignore[misc]
        def tail(self, x: torch.Tensor) -> torch.Tensor:
            return -super().tail(x)

    model, given = Local().eval(), torch.randn(2, 4)
    result = export(model, tmp_path / 'out')
    assert result.ok and {each.code for each in result.diagnostics} >= {BY_VALUE}
    script = f'import torch, pack; print(pack.load()(torch.tensor({given.tolist()})).tolist())'
    assert printed(tmp_path / 'out', script) == f'{model(given).tolist()}\n'


def _held_open(model: Any, folder: Path) -> None:
    model.log = (folder / 'log').open('w')


def _patched(model: Any, folder: Path) -> None:
    type(model.body[0]).forward = lambda self, x: x


def _constant(model: Any, folder: Path) -> None:
    type(model.body[0]).__mro__[1].gain = 2.0


def _global(model: Any, folder: Path) -> None:
    sys.modules[type(model).__module__].LIMIT = 2.0


def _generator(model: Any, folder: Path) -> None:
    model.body[1].steps = (each for each in range(3))


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (_held_open, r'^model.log: an open file \(.*log\) cannot be carried over'),
        (_patched, r'^IE-CHANGED studio.layers:Line.forward: .*layers.py:20'),
        (_constant, r'^IE-CHANGED studio.layers:Layer.gain'),
        (_global, r'^IE-CHANGED studio.model:LIMIT: it is 2.0, and .*model.py:9 says 9.0'),
        (_generator, r'^model.body.1.*: cannot be carried over: .*generator'),
    ],
)
def test_refusals_say_where(change: Callable[[Any, Path], None], said: str, studio: Any, tmp_path: Path) -> None:
    model = studio.Model()
    change(model, tmp_path)
    with pytest.raises(ExportError, match=said):
        export(model, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_the_pack_is_verified_again_from_its_manifest(studio: Any, tmp_path: Path) -> None:
    from introspect_export import verify

    export(studio.Model(), tmp_path / 'out', verify=None)
    assert verify(tmp_path / 'out').ok
    with pytest.raises(ExportError, match='holds an object and no config'):
        verify(tmp_path / 'out', 'state')
    other = studio.Model()
    torch.save(other.state_dict(), tmp_path / 'out' / 'pack' / 'carried.pt')
    assert 'does not load' in verify(tmp_path / 'out').problems[0]


def test_extern_keeps_imports(studio: Any, tmp_path: Path) -> None:
    result = export(studio.Model(), tmp_path / 'out', extern=['studio'], verify=None)
    assert result.symbols == 0


def test_unusual_tensors(tmp_path: Path) -> None:
    """Their state is compared too: without numbers, without a shape yet, sparse, quantized, of no dimension."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 2, device='meta'), torch.nn.LazyLinear(3))
    model.register_buffer('sparse', torch.eye(3).to_sparse())
    model.register_buffer('small', torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8))
    model.register_buffer('one', torch.tensor(True))
    assert export(model, tmp_path / 'out').ok


def test_what_the_standard_pickle_carries_too(studio: Any, tmp_path: Path) -> None:
    """Traced modules are objects of a class of their own."""
    assert export(torch.fx.symbolic_trace(torch.nn.Sequential(studio.Line(2))), tmp_path / 'traced').ok
