"""Building without the memory of large tensors gives the very same packages, and big models little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from introspect_export import batch

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group('devices')]

CONFIGS = [
    'mmdet::dino/dino-4scale_r50_8xb2-12e_coco.py',
    'mmseg::mask2former/mask2former_swin-l-in22k-384x384-pre_8xb2-160k_ade20k-640x640.py',
    'mmpose::body_2d_keypoint/topdown_heatmap/coco/td-hm_ViTPose-base_8xb64-210e_coco-256x192.py',
    'mmpretrain::vision_transformer/vit-base-p16_64xb64_in1k.py',
    'mmagic::real_esrgan/realesrgan_c64b23g32_4xb12-lr1e-4-400k_df2k-ost.py',
]
BIG = """
_base_ = 'mmpretrain::vision_transformer/vit-large-p16_64xb64_in1k.py'
model = dict(
    backbone=dict(
        arch=dict(_delete_=True, embed_dims=2048, num_layers=24, num_heads=32, feedforward_channels=8192)),
    head=dict(in_channels=2048))
"""
MEASURED = """
import json, resource, sys
from introspect_export import export
result = export(sys.argv[1], sys.argv[2], device='meta')
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps(dict(ok=result.ok, peaks=peaks, built=[one.path for one in result.sections if one.built])))
"""


def content(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob('*') if file.is_file()}


def test_the_packages_are_the_same(tmp_path: Path) -> None:
    for device in ('cpu', 'meta'):
        assert batch(CONFIGS, tmp_path / device, jobs=1, verify=None, device=device).ok
    for folder in [file.parent.relative_to(tmp_path / 'cpu') for file in (tmp_path / 'cpu').rglob('manifest.json')]:
        assert content(tmp_path / 'meta' / folder) == content(tmp_path / 'cpu' / folder)


def test_a_model_of_a_billion_parameters_takes_less_than_two_gigabytes(tmp_path: Path) -> None:
    (tmp_path / 'big.py').write_text(BIG)
    command = [sys.executable, '-W', 'ignore', '-c', MEASURED, 'big.py', 'out']
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts['ok']
    assert 'model' in facts['built']
    assert max(facts['peaks']) * 1024 < 2e9
