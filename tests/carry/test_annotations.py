"""Annotations that are text: some of them are looked up all the same."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from introspect_export import export

MODULE = """
from __future__ import annotations
import dataclasses
{imports}
from collections import OrderedDict
from torch import nn


@dataclasses.dataclass
class Sizes:
    width: int
    table: {shared}[dict[str, OrderedDict]] = {{}}
    factor: {given}[int] = 2

    def __post_init__(self, factor):
        self.width *= factor


class Kite(nn.Module):
    def __init__(self):
        super().__init__()
        self.sizes = Sizes(3)

    def forward(self, x):
        return x * Sizes(self.sizes.width).width
"""


@pytest.mark.parametrize(
    ('name', 'imports', 'shared', 'given'),
    [
        ('kites_by_name', 'from dataclasses import InitVar as Given\nfrom typing import ClassVar', 'ClassVar', 'Given'),
        ('kites_by_module', 'import typing as t', 't.ClassVar', 'dataclasses.InitVar'),
    ],
)
def test_what_a_dataclass_looks_up(
    name: str,
    imports: str,
    shared: str,
    given: str,
    small_project: Callable[..., Path],
    tmp_path: Path,
    elsewhere: Callable[..., Any],
) -> None:
    small_project({f'{name}.py': MODULE.format(imports=imports, shared=shared, given=given)})
    model = importlib.import_module(name).Kite()
    export(model, tmp_path / 'out', verify=None)
    answer = elsewhere(tmp_path / 'out', [torch.ones(1)], (name, 'mmengine'))
    assert answer.result.tolist() == [12.0]
    # What is named in annotations and nowhere else is not imported.
    assert 'OrderedDict\n' not in (tmp_path / 'out' / 'pack' / f'{name}.py').read_text()
