"""A carried model whose package is imported from a zip."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from introspect_export import export

FILES = {
    'zipped_studio/__init__.py': '',
    'zipped_studio/model.py': """
import torch


class Scale(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.rand(3))

    def forward(self, x):
        return x * self.weight
""",
}
LOADING = """
import sys
sys.path.insert(0, sys.argv[1])
import pack
model = pack.load()
print(pack.__file__, type(model).__module__, model.weight.tolist())
"""


def test_its_values_are_found_there(small_project: Callable[[Mapping[str, str]], Path], tmp_path: Path) -> None:
    sys.path_importer_cache.pop(str(small_project(FILES)), None)
    import zipped_studio.model

    model = zipped_studio.model.Scale()
    out = export(model, tmp_path / 'out', verify=None).out
    archive = shutil.make_archive(str(tmp_path / 'packed'), 'zip', out)
    command = [sys.executable, '-I', '-W', 'ignore', '-c', LOADING, archive]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    where = str(Path(archive, 'pack', '__init__.py'))
    assert done.stdout.strip() == f'{where} pack.model {model.weight.tolist()}'
    assert torch.equal(model(torch.ones(3)), model.weight)
