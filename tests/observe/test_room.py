"""Building with real tensors while there is room for them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from introspect_export.observe.room import built_in_memory
from introspect_export.verify.child import unallocated


def build(_: Any) -> nn.Module:
    return nn.Sequential(*(nn.Linear(256, 256) for _ in range(8)))


def devices(model: nn.Module) -> set[str]:
    return {each.device.type for each in model.parameters() if each.ndim > 1}


def test_what_has_no_room_is_built_once_more_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices(built_in_memory('auto', build)[0]) == {'cpu'}
    monkeypatch.setattr(unallocated, '_ALLOWANCE', 1 << 20)
    assert devices(built_in_memory('auto', build)[0]) == {'meta'}
    assert devices(built_in_memory('cpu', build)[0]) == {'cpu'}


def test_code_that_catches_errors_does_not_catch_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unallocated, '_ALLOWANCE', 1 << 20)

    def guarded(watch: Any) -> Any:
        try:
            return build(watch)
        except Exception:
            return nn.Identity()

    assert len(built_in_memory('auto', guarded)[0]) == 8


def test_nothing_of_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unallocated, '_ALLOWANCE', 1 << 20)
    built_in_memory('auto', build)
    assert devices(build(None)) == {'cpu'} and torch.zeros(1).device.type == 'cpu'


def test_torch_s_compiler_is_not_imported() -> None:
    script = (
        'import sys, torch\n'
        'from introspect_export.observe.room import built_in_memory\n'
        "built_in_memory('auto', lambda watch: torch.nn.Linear(2, 3))\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
