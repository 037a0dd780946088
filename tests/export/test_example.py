"""The example project, exported by the command line as its README says, and compared with itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / 'examples' / 'my_project'
CONFIG = 'configs/prior_retinanet_r18_shapes.py'
DESCRIBE = """
import json, sys
config, origins = sys.argv[1], sys.argv[2:]
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in origins:
            raise ModuleNotFoundError(f'blocked: {name}')
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, '.')
import torch
from mmengine.config import Config
from mmengine.registry import DATASETS, HOOKS, MODELS, init_default_scope
if origins:
    import pack
config = Config.fromfile(config)
init_default_scope(config.default_scope)
torch.manual_seed(0)
model = MODELS.build(config.model)
dataset = dict(config.train_dataloader.dataset, data_root='', ann_file='list.txt')
dataset = DATASETS.build(dict(dataset, pipeline=[]))
print(json.dumps(dict(
    keys={key: float(value.float().sum()) for key, value in model.state_dict().items()},
    classes={name: type(module).__name__ for name, module in model.named_modules()},
    prior=[model.bbox_head.prior.name, model.bbox_head.prior.probability, model.bbox_head.towers()],
    outputs=[float(each.sum()) for part in model(torch.ones(1, 3, 64, 64)) for each in part],
    instances=[instance['bbox_label'] for item in dataset for instance in item['instances']],
    sizes=[item['width'] for item in dataset],
    hook=type(HOOKS.build(config.custom_hooks[0])).__name__,
    bases=[base.__name__ for base in type(model.bbox_head).__bases__],
)))
"""
pytestmark = pytest.mark.corpus


def run(*command: str | Path, cwd: Path) -> str:
    """The standard output of a command that must succeed."""
    words = [sys.executable, '-W', 'ignore', *map(str, command)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done.stdout


def test_the_example_is_exported_and_behaves_the_same(tmp_path: Path) -> None:
    project = tmp_path / 'my_project'
    shutil.copytree(EXAMPLE, project)
    out = tmp_path / 'out'
    summary = json.loads(run('-m', 'introspect_export', CONFIG, '-o', out, '--json', cwd=project))
    assert summary['verification']['ok'], summary
    assert [each for each in summary['sections'] if not each['built']] == []
    lines = 'a.png 64 48 circle 0 0 9 9\na.png 64 48 triangle 1 1 5 5\nb.png 32 32 square 2 2 9 9\n'
    for folder in (project, out):
        (folder / 'list.txt').write_text(lines)
    original = last_line(run('-c', DESCRIBE, CONFIG, cwd=project))
    (packed,) = [file.relative_to(out).as_posix() for file in (out / 'pack' / 'configs').rglob('*.py')]
    origins = ('my_project', 'plugin', 'mmdet', 'introspect_export')
    alone = last_line(run('-c', DESCRIBE, packed, *origins, cwd=out))
    assert original.pop('bases') == ['SlimHead']
    assert alone.pop('bases') == ['BaseModule']
    assert original['instances'] == [0, 2, 1]
    assert alone == original
    assert [file.name for file in (out / 'pack').rglob('classes.txt')] == ['classes.txt']


def last_line(text: str) -> dict[str, Any]:
    """The last line printed, as JSON."""
    value: dict[str, Any] = json.loads(text.splitlines()[-1])
    return value
