"""Everything flattened that is reached, and methods written out where they are called: checks still answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.corpus

CONFIG = 'mmdet::vfnet/vfnet_r50_fpn_1x_coco.py'
CHECKS = """
import json
import torch
from pack.models.detectors.vfnet import VFNet
from pack.structures.bbox.box_type import BaseBoxes
from pack.structures.bbox.horizontal_boxes import HorizontalBoxes
from pack.structures.bbox.transforms import get_box_tensor

boxes = HorizontalBoxes(torch.tensor([[0.0, 0.0, 4.0, 4.0]]))
print(json.dumps({
    'bases': [each.__name__ for each in (*HorizontalBoxes.__bases__, *VFNet.__bases__)],
    'isinstance': isinstance(boxes, BaseBoxes),
    'issubclass': issubclass(HorizontalBoxes, BaseBoxes),
    'exact': type(boxes) is HorizontalBoxes,
    'used': type(get_box_tensor(boxes)) is torch.Tensor,
}))
"""


def run(*command: object, cwd: Path) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run([sys.executable, '-W', 'ignore', *map(str, command)], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def test_boxes_made_at_run_time_and_detectors(tmp_path: Path) -> None:
    printed = run(
        '-m', 'introspect_export', CONFIG, '-o', 'out', '--flatten', 'all', '--inline', '--json', cwd=tmp_path
    )  # fmt: skip
    assert json.loads(printed)['ok']
    assert json.loads(run('-c', CHECKS, cwd=tmp_path / 'out')) == {
        'bases': ['object', 'BaseModel'], 'isinstance': True, 'issubclass': True, 'exact': True, 'used': True,
    }  # fmt: skip
    text = (tmp_path / 'out' / 'pack' / 'models' / 'detectors' / 'vfnet.py').read_text()
    assert '# from SingleStageDetector.__init__ (' in text
