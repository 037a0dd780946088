"""The scripts of a handwritten package."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from introspect_export.documents import DocumentFacts, Installed, documents

pytestmark = pytest.mark.slow

CONFIG = """
default_scope = 'pack'
data_preprocessor = dict(type='BaseDataPreprocessor')
model = dict(type='Net')
pipeline = [dict(type='LoadPicture'), dict(type='LoadPictureAnnotations'), dict(type='Pack')]
train_dataloader = dict(
    batch_size=2, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='RepeatDataset', times=1, dataset=dict(type='Pictures', pipeline=pipeline)))
val_dataloader = dict(
    batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='Pictures', pipeline=pipeline))
test_dataloader = val_dataloader
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='Brightness')
test_evaluator = val_evaluator
default_hooks = dict(logger=dict(type='LoggerHook', interval=1), checkpoint=dict(type='CheckpointHook', interval=1))
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))
auto_scale_lr = dict(base_batch_size=16)
visualizer = dict(type='Frame', vis_backends=[dict(type='LocalVisBackend')])
tta_model = dict(type='Mean')
tta_pipeline = [dict(type='LoadPicture'), dict(type='Pack')]
"""

REGISTRY = """
from mmengine import registry as root
from mmengine.registry import Registry

MODELS = Registry('model', parent=root.MODELS, scope='pack')
DATASETS = Registry('dataset', parent=root.DATASETS, scope='pack')
TRANSFORMS = Registry('transform', parent=root.TRANSFORMS, scope='pack')
METRICS = Registry('metric', parent=root.METRICS, scope='pack')
VISUALIZERS = Registry('visualizer', parent=root.VISUALIZERS, scope='pack')
"""

PARTS = """
import numpy
import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel, BaseTTAModel
from mmengine.structures import BaseDataElement
from mmengine.visualization import Visualizer

from .registry import DATASETS, METRICS, MODELS, TRANSFORMS, VISUALIZERS


@MODELS.register_module()
class Net(BaseModel):
    def __init__(self, data_preprocessor=None):
        super().__init__(data_preprocessor)
        self.layer = torch.nn.Conv2d(3, 1, 1)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        value = self.layer(torch.stack(inputs)).mean(dim=(1, 2, 3))
        if mode == 'loss':
            return dict(loss=(value - 1).square().mean())
        for sample, one in zip(data_samples, value):
            sample.set_data(dict(brightness=float(one)))
        return data_samples


@MODELS.register_module()
class Mean(BaseTTAModel):
    def test_step(self, data):
        print('augmented')
        return self.module.test_step(data)

    def merge_preds(self, data_samples_list):
        return data_samples_list


@DATASETS.register_module()
class Pictures(BaseDataset):
    METAINFO = dict(classes=('dark', 'light'))

    def load_data_list(self):
        return [dict(img_path='', value=i) for i in range(4)]


@TRANSFORMS.register_module()
class LoadPicture:
    def __call__(self, results):
        import cv2
        path = results['img_path']
        results['img'] = cv2.imread(path) if path else numpy.full((4, 6, 3), results['value'], numpy.uint8)
        return results


@TRANSFORMS.register_module()
class LoadPictureAnnotations:
    def __call__(self, results):
        results['label'] = results['value']
        return results


@TRANSFORMS.register_module()
class Pack:
    def __call__(self, results):
        image = torch.from_numpy(results['img']).permute(2, 0, 1).float()
        return dict(inputs=image, data_samples=BaseDataElement(metainfo=dict(size=results['img'].shape)))


@METRICS.register_module()
class Brightness(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results += [sample['brightness'] for sample in data_samples]

    def compute_metrics(self, results):
        return dict(count=len(results))


@VISUALIZERS.register_module()
class Frame(Visualizer):
    def add_datasample(self, name, image, data_sample=None, draw_gt=True, step=0):
        assert not draw_gt and 'brightness' in data_sample
        assert self.dataset_meta['classes'] == ('dark', 'light')
        picture = image.copy()
        picture[0], picture[-1] = (255, 0, 0), (255, 0, 0)
        self.add_image(name, picture, step)
"""


SECTIONS = ('train_dataloader', 'optim_wrapper', 'test_dataloader')


@pytest.fixture(scope='module')
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    code = {
        'pack/__init__.py': 'from . import parts  # noqa: F401\n',
        'pack/registry.py': REGISTRY,
        'pack/parts.py': PARTS,
        'pack/configs/net/small net.py': CONFIG,
    }
    facts = DocumentFacts('small net', {key: {} for key in SECTIONS}, 'pack/configs/net/small net.py', code, ())
    folder = tmp_path_factory.mktemp('out put')
    for path, text in {**code, **documents(facts, Installed({}))}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding='utf-8')
    return folder


@pytest.fixture(scope='module')
def trained(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the package was trained for an epoch."""
    folder = tmp_path_factory.mktemp('work')
    done = run(folder, out / 'tools/train.py')
    assert done.returncode == 0, done.stdout
    return folder


def run(folder: Path, script: Path, *arguments: str, shell: bool = False) -> subprocess.CompletedProcess[str]:
    program = 'bash' if shell else sys.executable
    environment = {**os.environ, 'PYTHON': sys.executable, 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': ''}
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        environment['PORT'] = str(free.getsockname()[1])
    return subprocess.run(
        [program, str(script), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def checkpoint(trained: Path) -> str:
    return str(trained / 'work_dirs' / 'small net' / 'epoch_1.pth')


def test_training_writes_a_checkpoint_where_the_config_is_named_after(trained: Path) -> None:
    assert Path(checkpoint(trained)).is_file()
    (log,) = (trained / 'work_dirs' / 'small net').glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line['loss'] for line in lines if 'loss' in line]
    assert lines[-1]['count'] == 4


def test_training_goes_on_from_a_checkpoint(out: Path, trained: Path) -> None:
    done = run(trained, out / 'tools/train.py', '--resume', '--cfg-options', 'train_cfg.max_epochs=2')
    assert done.returncode == 0, done.stdout
    assert 'resumed epoch: 1' in done.stdout
    assert (trained / 'work_dirs' / 'small net' / 'epoch_2.pth').is_file()


def test_testing_measures_a_checkpoint_and_saves_predictions(out: Path, trained: Path) -> None:
    done = run(trained, out / 'tools/test.py', '--work-dir', 'tested', checkpoint(trained), '--out', 'predictions.pkl')
    assert done.returncode == 0, done.stdout
    assert 'Load checkpoint from' in done.stdout
    assert (trained / 'predictions.pkl').is_file()
    assert list((trained / 'tested').glob('*/*.json'))
    assert 'augmented' not in done.stdout


def test_testing_with_augmentation_wraps_the_model(out: Path, trained: Path) -> None:
    config = str(out / 'pack/configs/net/small net.py')
    done = run(trained, out / 'tools/test.py', config, checkpoint(trained), '--tta')
    assert done.returncode == 0, done.stdout
    assert 'augmented' in done.stdout


def test_a_fast_test_trains_two_samples_twice(out: Path, tmp_path: Path) -> None:
    done = run(tmp_path, out / 'tools/train.py', '--fast-test')
    assert done.returncode == 0, done.stdout
    folder = tmp_path / 'work_dirs' / 'small net' / 'fast_test'
    assert (folder / 'epoch_2.pth').is_file()
    (log,) = folder.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len([line for line in lines if 'loss' in line]) == 2
    assert lines[-1]['count'] == 2
    done = run(tmp_path, out / 'tools/test.py', str(folder / 'epoch_2.pth'), '--fast-test', '--work-dir', 'tested')
    assert done.returncode == 0, done.stdout
    assert 'count: 2' in done.stdout


def test_two_processes_train_it(out: Path, tmp_path: Path) -> None:
    done = run(tmp_path, out / 'tools/dist_train.sh', '2', '--work-dir', 'two', '--auto-scale-lr', shell=True)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / 'two' / 'epoch_1.pth').is_file()
    assert 'LR is set based on batch size of 16 and the current batch size is 4' in done.stdout


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--cfg-options', 'optim_wrapper=None'], 'is not for training: it has no optim_wrapper'),
        (['--auto-scale-lr', '--cfg-options', 'auto_scale_lr=None'], 'does not say for which batch size'),
        (['no_such_config.py'], 'no_such_config.py'),
    ],
)
def test_what_cannot_be_trained_is_said(out: Path, tmp_path: Path, options: list[str], message: str) -> None:
    done = run(tmp_path, out / 'tools/train.py', *options)
    assert done.returncode != 0
    assert message in done.stdout


def test_the_demo_draws_what_the_visualizer_draws(out: Path, trained: Path) -> None:
    import cv2
    import numpy

    cv2.imwrite(str(trained / 'grey.png'), numpy.full((8, 10, 3), 99, numpy.uint8))
    done = run(trained, out / 'pack/demo/image_demo.py', 'grey.png', checkpoint(trained), '--out', 'drawn.png')
    assert done.returncode == 0, done.stdout
    drawn = cv2.imread(str(trained / 'drawn.png'))
    assert drawn.shape == (8, 10, 3)
    assert drawn[4, 5].tolist() == [99, 99, 99]
    assert drawn[0, 0].tolist() == [0, 0, 255]  # Red, as OpenCV has it.


def test_the_demo_without_a_checkpoint_takes_the_data_sets_word(out: Path, trained: Path) -> None:
    import cv2
    import numpy

    cv2.imwrite(str(trained / 'light.png'), numpy.full((8, 10, 3), 200, numpy.uint8))
    done = run(trained, out / 'pack/demo/image_demo.py', 'light.png', '--out', 'light_drawn.png')
    assert done.returncode == 0, done.stdout
    assert 'the weights are random' in done.stdout
    assert (trained / 'light_drawn.png').is_file()


def test_the_demo_says_what_it_cannot_read(out: Path, tmp_path: Path) -> None:
    done = run(tmp_path, out / 'pack/demo/image_demo.py', 'nothing.png')
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == 'error: cannot read an image from nothing.png'
