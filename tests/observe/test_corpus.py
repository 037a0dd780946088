"""What is observed of real configs is what a plain build makes."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

ROOT = Path(__file__).parents[2]

CONFIGS = {
    'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py': {'val_evaluator', 'test_evaluator'},
    'mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py': {'val_evaluator', 'test_evaluator'},
    'mmdet::convnext/mask-rcnn_convnext-t-p4-w7_fpn_amp-ms-crop-3x_coco.py': {
        'val_evaluator',
        'test_evaluator',
        'optim_wrapper',  # Mixed precision wants a GPU.
    },
    'mmseg::pspnet/pspnet_r50-d8_4xb2-40k_cityscapes-512x1024.py': set(),
    'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-l_8xb256-420e_coco-256x192.py': {'val_evaluator', 'test_evaluator'},
    'mmagic::dcgan/dcgan_1xb128-5epoches_lsun-bedroom-64x64.py': set(),
    'mmagic::srcnn/srcnn_x4k915_1xb16-1000k_div2k.py': set(),
}

PLAIN = """
import importlib, json, sys, collections
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
config = Config.fromfile(sys.argv[1])
init_default_scope(config.default_scope)
model = MODELS.build(config.model)
count = collections.Counter(f'{type(m).__module__}:{type(m).__qualname__}' for m in model.modules())
json.dump(count, open(sys.argv[2], 'w'))
"""

OBSERVED = """
import json, sys
from introspect_export.load import load_config
from introspect_export.observe import observe_config
seen = observe_config(load_config(sys.argv[1]))
world = seen.world
json.dump(dict(
    file=seen.config_file,
    sections={one.path: one.built for one in seen.sections},
    classes={str(one.symbol): [one.how, one.instances] for one in seen.classes},
    origins=seen.origins,
    unresolved=[str(one.symbol) for one in seen.classes if world.chain(one.symbol) is None and one.instances],
    unsourced=[str(one.symbol) for one in seen.classes if world.source(one.symbol.module) is None],
    resources=[[one.package, one.path] for one in seen.resources],
    diagnostics=[one.code for one in seen.diagnostics],
    entries=[[one.registry, one.key, str(one.target), one.registrars] for one in seen.entries],
), open(sys.argv[2], 'w'))
"""


def run(code: str, argument: str, folder: Path) -> Any:
    """Run in a fresh interpreter and an empty folder."""
    out = folder / 'out.json'
    work = folder / 'empty'
    work.mkdir(exist_ok=True)
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])}
    command = [sys.executable, '-W', 'ignore', '-c', code, argument, str(out)]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(work.iterdir()) == []
    return json.loads(out.read_text())


@pytest.mark.parametrize('config', CONFIGS)
def test_every_module_of_the_model_is_observed(config: str, tmp_path: Path) -> None:
    for package in ('mmdet', 'mmseg', 'mmpose', 'mmagic', 'mmpretrain'):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f'{package} is not installed')
    seen = run(OBSERVED, config, tmp_path)
    assert {path for path, built in seen['sections'].items() if not built} == CONFIGS[config]
    plain: Counter[str] = Counter(run(PLAIN, seen['file'], tmp_path))
    origin = {name: count for name, count in plain.items() if name.partition('.')[0] in seen['origins']}
    # What the model has is in it once more where test-time augmentation or a hook wraps a copy: never less.
    missing = {name: count for name, count in origin.items() if seen['classes'].get(name, ['', 0])[1] < count}
    assert origin and not missing
    assert (seen['unresolved'], seen['unsourced']) == ([], [])
    assert {name.partition('.')[0] for name in seen['classes']} <= set(seen['origins'])
    assert not {'torch', 'mmcv', 'mmengine', 'diffusers', 'timm'} & set(seen['origins'])


def test_entries_of_libraries_know_who_registers_them(tmp_path: Path) -> None:
    seen = run(OBSERVED, 'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py', tmp_path)
    registrars = {(registry, key): modules for registry, key, _, modules in seen['entries']}
    assert registrars['mmengine::model#1', 'Conv2d'] == ['mmcv.cnn.bricks.conv']
    assert registrars['mmengine::transform#1', 'LoadImageFromFile'] == ['mmcv.transforms.loading']
    assert registrars['mmengine::hook#1', 'CheckpointHook'] == []
    assert registrars['mmdet::model#1', 'ResNet'] == []


def test_files_of_the_library_are_resources(tmp_path: Path) -> None:
    seen = run(OBSERVED, 'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-l_8xb256-420e_coco-256x192.py', tmp_path)
    assert ['mmpose', '.mim/configs/_base_/datasets/coco.py'] in seen['resources']


@pytest.mark.parametrize(
    'config',
    [
        'hand_3d_keypoint/internet/interhand3d/internet_res50_4xb16-20e_interhand3d-256x256.py',
        'wholebody_2d_keypoint/rtmpose/cocktail14/rtmw-l_8xb1024-270e_cocktail14-256x192.py',
    ],
)
def test_so_is_what_describes_a_data_set_that_misses_its_data_first(config: str, tmp_path: Path) -> None:
    seen = run(OBSERVED, f'mmpose::{config}', tmp_path)
    assert ['mmpose', '.mim/configs/_base_/datasets/interhand3d.py'] in seen['resources']


WITHOUT_OPS = """
import importlib.machinery
find = importlib.machinery.FileFinder.find_spec
def find_spec(self, name, target=None):
    return None if name == 'mmcv._ext' else find(self, name, target)
importlib.machinery.FileFinder.find_spec = find_spec
"""


def test_compiled_operations_are_not_needed(tmp_path: Path) -> None:
    seen = run(WITHOUT_OPS + OBSERVED, 'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py', tmp_path)
    assert seen['diagnostics'] == ['IE-NO-COMPILED-OPS']
    assert {path for path, built in seen['sections'].items() if not built} == {'val_evaluator', 'test_evaluator'}
