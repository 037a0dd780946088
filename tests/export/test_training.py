"""Original and package, each trained for four iterations and validated once on the same tiny data, write the same.

The package's tools run where its origins cannot be imported.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from introspect_export import export
from introspect_export.fast_test.isolated_jobs import CHILD, IsolatedJobs
from introspect_export.fast_test.training_log import read_training_log

HERE = Path(__file__).parent
EPOCHS = ('train_cfg.max_epochs=2', 'train_cfg.val_interval=2', 'default_hooks.checkpoint.interval=2')
# A sample of it is one person, of which each image has two.
ONE_EPOCH = ('train_cfg.max_epochs=1', 'train_cfg.val_interval=1', 'default_hooks.checkpoint.interval=1')
ITERATIONS = ('train_cfg.max_iters=4', 'train_cfg.val_interval=4', 'default_hooks.checkpoint.interval=4')
ALWAYS = ('default_hooks.logger.interval=1', 'default_hooks.checkpoint.out_dir=None', 'randomness.seed=0')
pytestmark = pytest.mark.corpus


@dataclass(frozen=True)
class Case:
    """A config, and what makes it affordable."""

    config: str
    options: tuple[str, ...]
    checkpoint: str
    shape: tuple[int, int] = (32, 128)

    @property
    def library(self) -> str:
        """The package that carries the config."""
        return self.config.partition('::')[0]


CASES = {
    'rtmpose': Case(
        'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-s_8xb256-420e_coco-256x192.py',
        (*ONE_EPOCH, 'model.backbone.init_cfg=None'),
        'epoch_1.pth',
    ),
    'edsr': Case('mmagic::edsr/edsr_x2c64b16_1xb16-300k_div2k.py', ITERATIONS, 'iter_4.pth', (32, 64)),
    'mask-rcnn': Case(
        'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
        (
            *EPOCHS,
            'model.backbone.init_cfg=None',
            'train_dataloader.dataset.pipeline.2.scale=(256,64)',
            'val_dataloader.dataset.pipeline.1.scale=(256,64)',
            'test_dataloader.dataset.pipeline.1.scale=(256,64)',
            'model.train_cfg.rpn_proposal.max_per_img=32',
            'model.test_cfg.rpn.max_per_img=16',
            'model.test_cfg.rcnn.score_thr=0.0',
        ),
        'epoch_2.pth',
    ),
    'mask2former': Case(
        'mmseg::mask2former/mask2former_r50_8xb2-90k_cityscapes-512x1024.py',
        (
            *ITERATIONS,
            'model.backbone.init_cfg=None',
            'train_dataloader.dataset.pipeline.3.crop_size=(64,128)',
            'model.data_preprocessor.size=(64,128)',
            'train_dataloader.dataset.pipeline.2.scales=[64,80]',
            'val_dataloader.dataset.pipeline.1.scale=(256,64)',
            'test_dataloader.dataset.pipeline.1.scale=(256,64)',
        ),
        'iter_4.pth',
    ),
}
HEAVY = ('mask-rcnn', 'mask2former')


@dataclass(frozen=True)
class Trained:
    """What the two trainings of a case wrote."""

    case: Case
    out: Path
    config: Path
    folder: Path


def done(command: list[str], folder: Path, **environment: str) -> str:
    """Run a command that has to succeed; what it prints."""
    settings = {**os.environ, 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': '', **environment}
    ran = subprocess.run(
        command, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    return ran.stdout


def tool(out: Path, name: str, *arguments: str) -> None:
    """Run a tool of a package that has to succeed, on as many threads as the original."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('OMP_NUM_THREADS', '1')
        answer = IsolatedJobs(out).run('run_tool', script=str(out / 'tools' / name), arguments=list(arguments))
    assert 'error' not in answer, answer['error']


@pytest.fixture(
    scope='module',
    params=[
        pytest.param(name, marks=[pytest.mark.xdist_group(name), *([pytest.mark.slow] if name in HEAVY else [])])
        for name in CASES
    ],
)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """A case, its original and its package trained."""
    case, folder = CASES[request.param], tmp_path_factory.mktemp(request.param)
    out, config = folder / 'out', folder / 'config.py'
    export(case.config, out, verify=None)
    (own,) = (file for file in (out / 'pack' / 'configs').rglob('*.py') if file.name != '__init__.py')
    task = {'config': str(own), 'data': str(folder / 'data'), 'written': str(config), 'shape': case.shape}
    made = IsolatedJobs(out).run('make_data', **task, parts=('train', 'val', 'test'))
    assert made.get('parts') == {'train': '', 'val': '', 'test': ''}, made
    (folder / 'tiny.json').write_text(json.dumps(made['made']))
    options = [*case.options, *ALWAYS]
    original = [case.config, case.library, str(folder / 'tiny.json'), str(folder / 'original'), *options]
    done([sys.executable, '-W', 'ignore', str(HERE / 'train_original.py'), *original], folder)
    tool(out, 'train.py', str(config), f'--work-dir={folder}/pack', '--cfg-options', *options)
    yield Trained(case, out, config, folder)
    shutil.rmtree(folder)  # Up to 2 GB of checkpoints.


def measured(folder: Path) -> Mapping[str, Any]:
    """The metrics that a test wrote."""
    (file,) = folder.glob('*/*.json')
    return {key: value for key, value in json.loads(file.read_text()).items() if not key.endswith('time')}


def test_both_write_the_same_losses_and_metrics(trained: Trained) -> None:
    original, package = read_training_log(trained.folder / 'original'), read_training_log(trained.folder / 'pack')
    assert len(original[0]) == 4
    assert all('loss' in one for one in original[0])
    assert original[1], 'nothing was measured'
    assert package == original


def test_the_same_checkpoint_measures_the_same(trained: Trained) -> None:
    checkpoint = str(trained.folder / 'original' / trained.case.checkpoint)
    options = ['--cfg-options', *trained.case.options, *ALWAYS]
    tool(trained.out, 'test.py', str(trained.config), checkpoint, f'--work-dir={trained.folder}/tested', *options)
    found = measured(trained.folder / 'tested')
    assert found
    assert found == measured(trained.folder / 'original')


def test_two_processes_train_the_package(trained: Trained) -> None:
    arguments = [str(trained.config), f'--work-dir={trained.folder}/two', '--launcher', 'pytorch', '--cfg-options']
    task = IsolatedJobs(trained.out).task(
        'run_tool',
        script=str(trained.out / 'tools' / 'train.py'),
        arguments=[*arguments, *trained.case.options, *ALWAYS, 'find_unused_parameters=True'],
    )
    (trained.folder / 'task.json').write_text(json.dumps(task))
    answer = trained.folder / 'answer.json'
    run = ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node=2', str(CHILD)]
    done([sys.executable, '-W', 'ignore', *run, str(trained.folder / 'task.json'), str(answer)], trained.folder)
    assert json.loads(answer.read_text()) == {'missing': []}
    assert (trained.folder / 'two' / trained.case.checkpoint).is_file()
