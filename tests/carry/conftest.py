"""Loading an exported model where the packages it came from are not there."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

_ELSEWHERE = """
import json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in json.loads(sys.argv[2]):
            raise ModuleNotFoundError(f'{name} is blocked', name=name)

sys.meta_path.insert(0, Blocked())
sys.path.insert(0, '.')
import torch
import pack

model = pack.load()
given = torch.load(sys.argv[1])
with torch.no_grad():
    result = model(*given)
told = eval(sys.argv[3])
classes = {name: type(each).__qualname__ for name, each in model.named_modules(remove_duplicate=False)}
blocked = [each for each in json.loads(sys.argv[2]) if each in sys.modules]
state = model.state_dict()
torch.save({'result': result, 'state': state, 'classes': classes, 'told': told, 'leaked': blocked}, sys.argv[1])
"""


_NOT_NEEDED = ('mmengine', 'mmcv', 'torchvision', 'timm', 'studio')


@dataclass(frozen=True)
class Answer:
    """What the model did where it was loaded.

    Attributes:
        result: What it computed.
        state: Its state.
        classes: The class at every place of its tree.
        told: The value of the expression asked.
    """

    result: Any
    state: dict[str, Any]
    classes: dict[str, str]
    told: Any


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[..., Answer]:
    """Loads a pack in a fresh interpreter, runs its model, and compares it with the original."""

    def run(out: Path, inputs: Sequence[Any], blocked: Sequence[str] = _NOT_NEEDED, told: str = 'None') -> Answer:
        exchange = tmp_path / 'exchange.pt'
        torch.save(list(inputs), exchange)
        names = json.dumps([*blocked, 'introspect_export', 'dill'])
        command = [sys.executable, '-I', '-W', 'ignore', '-c', _ELSEWHERE, str(exchange), names, told]
        done = subprocess.run(command, capture_output=True, text=True, cwd=out, check=False)
        assert done.returncode == 0, done.stderr
        found = torch.load(exchange, weights_only=False)
        assert not found['leaked']
        return Answer(found['result'], found['state'], found['classes'], found['told'])

    return run


@pytest.fixture
def same() -> Callable[[torch.nn.Module, Sequence[Any], Answer], None]:
    """Asserts that what was loaded elsewhere is what is here: its tree, its state, and what it computes, to the bit."""

    def check(model: torch.nn.Module, inputs: Sequence[Any], answer: Answer) -> None:
        state = model.state_dict()
        assert list(state) == list(answer.state)
        assert all(torch.equal(state[name], value) for name, value in answer.state.items())
        here = {name: type(each).__qualname__ for name, each in model.named_modules(remove_duplicate=False)}
        assert here == answer.classes
        with torch.no_grad():
            result = model(*inputs)
        _assert_equal(result, answer.result)

    return check


def _assert_equal(one: Any, other: Any) -> None:
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    else:
        assert len(one) == len(other)
        for mine, its in zip(one, other, strict=True):
            _assert_equal(mine, its)


@pytest.fixture
def net_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Mapping[str, str]], torch.nn.Module]:
    """Write a package, by its name and its files, and make the ``Net`` of its module ``net``."""

    def make(package: str, files: Mapping[str, str]) -> torch.nn.Module:
        for name, text in files.items():
            file = tmp_path / package / name
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        for name in [each for each in sys.modules if each.partition('.')[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        torch.manual_seed(0)
        made = importlib.import_module(f'{package}.net').Net()
        assert isinstance(made, torch.nn.Module)
        return made

    return make
