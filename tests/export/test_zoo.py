"""Configs of different kinds of ten libraries, and some of our own: pure-Python ones, two origins of equal names.

They go through the sweep's own jobs: the original is built, the config exported, and the package checked where none of
the libraries it came from can be imported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = ROOT / 'tests' / 'projects'
sys.path.insert(0, str(ROOT / 'scripts'))
from sweep import Sweep, _portable, load, outcome_of  # noqa: E402
from sweep_server import checking  # noqa: E402

from introspect_export.batch.forkserver_client import ForkServer  # noqa: E402
from introspect_export.verify.static_check import check_text  # noqa: E402

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
    'mmpretrain': [
        'mmpretrain::mobilenet_v3/mobilenet-v3-small_8xb128_in1k.py',
        'mmpretrain::wrn/wide-resnet50_8xb32_in1k.py',
        'mmpretrain::mae/mae_vit-base-p16_8xb512-amp-coslr-300e_in1k.py',
    ],
    # Types of mmdet's scope that mmcv and mmengine hold.
    'mmrotate': [
        'mmrotate::rotated_rtmdet/rotated_rtmdet_tiny-3x-dota.py',
        'mmrotate::gwd/rotated-retinanet-rbox-le90_r50_fpn_gwd_1x_dota.py',
        'mmrotate::h2rbox_v2/h2rbox_v2-le90_r50_fpn-1x_dota.py',
    ],
    'mmyolo': [
        'mmyolo::yolov5/yolov5_s-v61_syncbn_fast_8xb16-300e_coco.py',
        'mmyolo::yolov7/yolov7_tiny_syncbn_fast_8x16b-300e_coco.py',
        'mmyolo::rtmdet/rotated/rtmdet-r_tiny_fast_1xb8-36e_dota.py',
    ],
    # A wrapper whose code sets the scope of what it builds.
    'mmocr': [
        'mmocr::textdet/maskrcnn/mask-rcnn_resnet50_fpn_160e_ctw1500.py',
        'mmocr::textdet/dbnet/dbnet_resnet18_fpnc_1200e_icdar2015.py',
        'mmocr::textrecog/nrtr/nrtr_modality-transform_6e_toy.py',
    ],
    # Classes that a loop in another module registers.
    'mmaction': [
        'mmaction::detection/slowonly/slowonly_kinetics400-pretrained-r50_8xb16-4x16x1-20e_ava21-rgb.py',
        'mmaction::skeleton/stgcn/stgcn_8xb16-joint-u100-80e_ntu60-xsub-keypoint-2d.py',
        'mmaction::recognition/tsm/tsm_imagenet-pretrained-mobilenetv2_8xb16-1x1x8-100e_kinetics400-rgb.py',
    ],
    'mmdet3d': [
        'mmdet3d::fcos3d/fcos3d_r101-caffe-dcn_fpn_head-gn_8xb2-1x_nus-mono3d.py',
        'mmdet3d::pointpillars/pointpillars_hv_secfpn_8xb6-160e_kitti-3d-car.py',
        'mmdet3d::centerpoint/centerpoint_pillar02_second_secfpn_8xb4-cyclic-20e_nus-3d.py',
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


@pytest.fixture(scope='session')
def checker() -> Iterator[ForkServer]:
    """Where packages are checked."""
    with closing(checking()) as server:
        yield server


@pytest.fixture(scope='module', params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CONFIGS])
def records(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, checker: ForkServer
) -> Iterator[list[dict[str, Any]]]:
    """What the sweep says of a library's configs."""
    from rich.progress import Progress

    folder = tmp_path_factory.mktemp('zoo')
    sweep = Sweep(folder / 'results.jsonl', folder / 'work', keep=True, progress=Progress(disable=True))
    sweep.run(request.param, CONFIGS[request.param], jobs=1, checker=checker)
    known = load(folder / 'results.jsonl')
    yield [{**known[_portable(one)], 'out': sweep.package(one)} for one in CONFIGS[request.param]]


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


def test_no_text_names_a_type_or_a_scope_of_what_it_came_from(records: list[dict[str, Any]]) -> None:
    for record in records:
        unknown = json.loads((record['out'] / 'manifest.json').read_text())['unknown_types']
        assert check_text(record['out'], record['export']['origins'], unknown) == [], record['config']


def test_nothing_was_left_out(records: list[dict[str, Any]]) -> None:
    for record in records:
        assert not {'IE-NO-SOURCE', 'IE-MODEL-NOT-BUILT', 'IE-WALK-BOUND'} & set(record['export']['codes']), record
