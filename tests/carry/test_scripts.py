"""Classes that a script, or somebody at the prompt, defines."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

SCRIPT = """
import sys
import torch
from torch import nn
import introspect_export

SCALE = 2.0


def louder(x):
    return x * SCALE


class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return louder(self.linear(x))


class Whole(Part):
    def forward(self, x):
        return torch.relu(super().forward(x))


if __name__ == '__main__':
    torch.manual_seed(0)
    model = Whole()
    given = torch.randn(2, 4)
    result = introspect_export.export(model, 'out')
    assert result.ok, result.verification.problems
    torch.save((given, model(given).detach(), [each.code for each in result.diagnostics]), 'told.pt')
"""


def _run(folder: Path, *arguments: str) -> Any:
    command = [sys.executable, '-W', 'ignore', *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return torch.load(folder / 'told.pt', weights_only=False)


def test_a_class_of_a_script(tmp_path: Path, elsewhere: Callable[..., Any]) -> None:
    (tmp_path / 'build_it.py').write_text(SCRIPT)
    given, expected, codes = _run(tmp_path, 'build_it.py')
    code = (tmp_path / 'out' / 'pack' / 'build_it.py').read_text()
    assert 'SCALE = 2.0' in code and 'manual_seed' not in code and not codes
    assert torch.equal(elsewhere(tmp_path / 'out', [given]).result, expected)


def test_the_program_of_a_script_stays_behind(tmp_path: Path) -> None:
    """Handing a class or function to somebody is no change of it; changing it is."""
    text = textwrap.dedent(SCRIPT).replace(
        '\nif __name__', '\ndef hook(module, inputs, output):\n    return output + 1\n\nif __name__'
    )
    head, _, program = text.partition("if __name__ == '__main__':\n")
    body = textwrap.dedent(program).replace('result =', 'model.register_forward_hook(hook)\nWhole.rest = 3\nresult =')
    (tmp_path / 'plain.py').write_text(head + body)
    _run(tmp_path, 'plain.py')
    code = (tmp_path / 'out' / 'pack' / 'plain.py').read_text()
    assert 'def hook' in code and 'Whole.rest = 3' in code
    assert 'manual_seed' not in code and 'export' not in code


def test_a_class_typed_at_the_prompt(tmp_path: Path, printed: Callable[[Path, str], str]) -> None:
    """It has no text: its bytecode is carried, and so is the function that it calls."""
    given, expected, codes = _run(tmp_path, '-c', SCRIPT)
    assert set(codes) == {'IE-CARRIED-BY-VALUE'}
    told = f'import torch, pack; print(pack.load()(torch.tensor({given.tolist()})).tolist())'
    assert printed(tmp_path / 'out', told) == f'{expected.tolist()}\n'
