"""The example of the README."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

EXAMPLE = Path(__file__).parents[2] / 'examples' / 'carry_a_model' / 'carry.py'


@pytest.mark.corpus
def test_the_example(tmp_path: Path, elsewhere: Callable[..., Any]) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    done = subprocess.run([sys.executable, 'carry.py'], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert 'verified: static, import, build (1 of 1 sections built)' in done.stdout
    told = torch.load(tmp_path / 'carried' / 'example.pt')
    answer = elsewhere(tmp_path / 'carried', [told['images']], told='model.backbone[1].eps')
    assert torch.equal(answer.result, told['scores']) and answer.told == 1e-4
    assert (tmp_path / 'carried' / 'pack' / 'carry.py').exists()
