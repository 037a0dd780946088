"""Configs of different kinds of the four libraries, and some of our own: pure-Python ones, two origins of equal names.

They go through the sweep's own jobs: the original is built, the config exported, and the package checked where none of
the libraries it came from can be imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = ROOT / 'tests' / 'projects'
sys.path.insert(0, str(ROOT / 'scripts'))
from sweep import Sweep, load, outcome_of  # noqa: E402

CONFIGS = {
    'mmdet': [
        f'{PROJECTS}/lazy_configs/lazy_retinanet.py',
        f'{PROJECTS}/lazy_configs/lazy_fcos_swin.py',
        f'{PROJECTS}/two_origins/faster_rcnn_mmpretrain_resnet.py',
        f'{PROJECTS}/two_origins/two_resnets.py',
    ],
    'mmseg': [
        'mmseg::ocrnet/ocrnet_hr18_4xb2-40k_cityscapes-512x1024.py',
        'mmseg::mask2former/mask2former_r50_8xb2-90k_cityscapes-512x1024.py',
        'mmseg::san/san-vit-b16_coco-stuff164k-640x640.py',
    ],
    'mmpose': [
        'mmpose::body_2d_keypoint/topdown_heatmap/coco/td-hm_hrnet-w32_8xb64-210e_coco-256x192.py',
        'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-s_8xb256-420e_coco-256x192.py',
        'mmpose::body_2d_keypoint/dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512.py',
        'mmpose::body_3d_keypoint/motionbert/h36m/motionbert_dstformer-243frm_8xb32-240e_h36m.py',
    ],
    'mmagic': [
        'mmagic::edsr/edsr_x2c64b16_1xb16-300k_div2k.py',
        'mmagic::styleganv2/stylegan2_c2_8xb4-800kiters_ffhq-256x256.py',
        'mmagic::deepfillv1/deepfillv1_8xb2_places-256x256.py',
    ],
}
# Files and a GPU that are not here; and torch refuses to make the optimizer that StyleGAN's config asks for.
EXPECTED = (
    'needs ',
    'AssertionError: Annotation file ',
    'AssertionError: ``AmpOptimizerWrapper`` is only available training on gpu',
    'ValueError: betas must be either both floats or both Tensors',
)
pytestmark = pytest.mark.corpus


@pytest.fixture(scope='module', params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CONFIGS])
def records(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """What the sweep says of a library's configs."""
    from rich.progress import Progress

    folder = tmp_path_factory.mktemp('zoo')
    sweep = Sweep(folder / 'results.jsonl', folder / 'work', keep=True, progress=Progress(disable=True))
    sweep.run(request.param, CONFIGS[request.param], jobs=1)
    yield list(load(folder / 'results.jsonl').values())


def test_each_is_exported_and_the_same_alone(records: list[dict[str, Any]]) -> None:
    assert len(records) in {len(configs) for configs in CONFIGS.values()}
    for record in records:
        outcome = outcome_of(record)
        assert outcome == 'passed', (record['config'], outcome, record[outcome])
        assert record['check']['differing_weights'] == []


def test_every_section_is_built_but_for_what_is_not_here(records: list[dict[str, Any]]) -> None:
    for record in records:
        for path, reason in record['export']['not_built'].items():
            assert reason.startswith(EXPECTED), (record['config'], path, reason)


def test_nothing_was_left_out(records: list[dict[str, Any]]) -> None:
    for record in records:
        assert not {'IE-NO-SOURCE', 'IE-MODEL-NOT-BUILT', 'IE-WALK-BOUND'} & set(record['export']['codes']), record
