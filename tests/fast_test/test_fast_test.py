"""Fast tests of a handwritten package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from processes import gone, imported

from introspect_export.cli.entry import group
from introspect_export.documents import DocumentFacts, Installed, documents
from introspect_export.fast_test import fast_test
from introspect_export.fast_test.isolated_jobs import IsolatedJobs
from introspect_export.fast_test.training_log import read_training_log
from introspect_export.model import ExportError

CONFIG = """
default_scope = 'pack'
model = dict(type='Net', data_preprocessor=dict(type='BaseDataPreprocessor'), init_cfg=dict(
    type='Pretrained', checkpoint='http://localhost/never.pth'))
folders = dict(
    type='Folders', data_root='data/streets', data_prefix=dict(img_path='photos'), pipeline=[dict(type='Read')])
train_dataloader = dict(
    batch_size=16, num_workers=4, persistent_workers=True, sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=folders)
train_cfg = dict(by_epoch=True, max_epochs=100, val_interval=10)
optim_wrapper = dict(type='AmpOptimWrapper', loss_scale='dynamic', optimizer=dict(type='SGD', lr=0.1))
val_dataloader = dict(
    batch_size=1, num_workers=4, persistent_workers=True, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=folders)
val_cfg = dict()
val_evaluator = METRIC
test_dataloader = val_dataloader
test_cfg = dict()
test_evaluator = METRIC
load_from = 'http://localhost/never.pth'
"""

REGISTRY = """
from mmengine.registry import DATASETS as ROOT_DATASETS, METRICS as ROOT_METRICS, MODELS as ROOT_MODELS, Registry
from mmengine.registry import TRANSFORMS as ROOT_TRANSFORMS

MODELS = Registry('model', parent=ROOT_MODELS, scope='pack')
DATASETS = Registry('dataset', parent=ROOT_DATASETS, scope='pack')
METRICS = Registry('metric', parent=ROOT_METRICS, scope='pack')
TRANSFORMS = Registry('transform', parent=ROOT_TRANSFORMS, scope='pack')
"""

PARTS = """
import os

import cv2
import numpy
import torch
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.fileio import get, list_dir_or_file
from mmengine.model import BaseModel

from .registry import DATASETS, METRICS, MODELS, TRANSFORMS


@MODELS.register_module()
class Net(BaseModel):
    def __init__(self, data_preprocessor=None, init_cfg=None):
        super().__init__(data_preprocessor, init_cfg)
        self.layer = torch.nn.Conv2d(3, 1, 1)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        output = torch.stack([self.layer(one).mean() for one in inputs])
        return dict(loss=(output - 1).square().mean()) if mode == 'loss' else output


@DATASETS.register_module()
class Folders(BaseDataset):
    METAINFO = dict(classes=('road', 'car'))

    def load_data_list(self):
        folder = self.data_prefix['img_path']
        names = sorted(list_dir_or_file(folder, list_dir=False, suffix='.png'))
        return [dict(img_path=os.path.join(folder, name)) for name in names]


@TRANSFORMS.register_module()
class Read:
    def __call__(self, results):
        image = cv2.imdecode(numpy.frombuffer(get(results['img_path']), numpy.uint8), cv2.IMREAD_COLOR)
        return dict(inputs=torch.from_numpy(image).permute(2, 0, 1).float() / 255)


@METRICS.register_module()
class Count(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results += [1.0 for _ in data_samples]

    def compute_metrics(self, results):
        return dict(count=float(len(results)))


@METRICS.register_module()
class Remote(Count):
    def __init__(self):
        super().__init__()
        import socket
        socket.create_connection(('weights.invalid', 80))
"""


def package(folder: Path, metric: str = "dict(type='Count')", parts: str = PARTS, options: str = '') -> Path:
    code = {
        'pack/__init__.py': 'from . import parts  # noqa: F401\n',
        'pack/registry.py': REGISTRY,
        'pack/parts.py': parts,
        'pack/configs/net/net.py': CONFIG.replace('METRIC', metric).replace("type='Net'", f"type='Net'{options}"),
    }
    sections: dict[str, Any] = {key: {} for key in ('train_dataloader', 'optim_wrapper', 'test_dataloader')}
    facts = DocumentFacts('net', sections, 'pack/configs/net/net.py', code, ())
    manifest = {'manifest.json': json.dumps({'origins': ['origin_lib']})}
    for path, text in {**code, **documents(facts, Installed({})), **manifest}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding='utf-8')
    return folder


def quiet(line: str) -> None:
    """Print nothing."""


def test_it_trains_twice_validates_once_and_saves_what_can_be_tested_on_its_data(tmp_path: Path) -> None:
    out = package(tmp_path / 'out')
    result = fast_test(out, tmp_path / 'tiny', shape=(8, 12), progress=quiet)
    assert result.ok, result.reason
    assert len(result.iterations) == 2
    assert result.iterations[1]['loss'] < result.iterations[0]['loss']
    assert result.metrics == {'count': 2}
    assert result.parts == {'train': '', 'val': '', 'test': ''}
    assert (tmp_path / 'tiny' / 'work_dir' / 'epoch_2.pth').is_file()
    assert (tmp_path / 'tiny' / 'data' / 'data' / 'streets' / 'photos' / '000003.png').is_file()
    arguments = [result.config, f'{result.work_dir}/epoch_2.pth', f'--work-dir={tmp_path}/tested']
    done = IsolatedJobs(out).run('run_tool', script=str(out / 'tools' / 'test.py'), arguments=arguments)
    assert done == {'missing': []}
    (file,) = (tmp_path / 'tested').glob('*/*.json')
    assert json.loads(file.read_text())['count'] == 4


def test_a_metric_that_needs_the_network_is_left_out_and_noted(tmp_path: Path) -> None:
    result = fast_test(
        package(tmp_path / 'out', "dict(type='Remote')"), tmp_path / 'tiny', shape=(8, 12), progress=quiet
    )
    assert result.ok, result.reason
    assert len(result.iterations) == 2
    assert result.metrics == {}
    validation, test = result.notes
    assert validation.startswith('not validated: val_evaluator: NetworkRefused')
    assert test.startswith('not for testing: test_evaluator: NetworkRefused')
    assert 'test_dataloader = None' in Path(result.config).read_text()


def test_weights_that_cannot_be_fetched_are_left_out_and_noted(tmp_path: Path) -> None:
    layer = 'self.layer = torch.nn.Conv2d(3, 1, 1)'
    url = 'https://weights.invalid/layer_of_net.pth'
    fetched = f'{layer}\n        self.layer.load_state_dict(torch.hub.load_state_dict_from_url({url!r}))'
    result = fast_test(package(tmp_path / 'out', parts=PARTS.replace(layer, fetched)))
    assert (result.ok, len(result.iterations), result.metrics) == (True, 2, {'count': 2})
    assert result.notes == (f'trained without these weights, which are not here: {url}',)


def test_weights_by_name_are_forgotten_where_a_class_does_without(tmp_path: Path) -> None:
    parts = PARTS.replace('init_cfg=None)', "init_cfg=None, inner=None, pretrained='hub://net')", 1).replace(
        '        self.layer =',
        "        assert pretrained.startswith('hub://')\n        MODELS.build(inner)\n        self.layer =",
    )
    parts += """

@MODELS.register_module()
class Inner(torch.nn.Module):
    def __init__(self, pretrained=None):
        super().__init__()
        assert pretrained is None
"""
    options = ", pretrained='hub://mine', inner=dict(type='Inner', pretrained='hub://its')"
    result = fast_test(package(tmp_path / 'out', parts=parts, options=options), progress=quiet)
    assert (result.ok, len(result.iterations)) == (True, 2), result.reason


def test_a_training_that_fails_reports_the_reason_and_the_image_sizes(tmp_path: Path) -> None:
    fails = "        assert not len(inputs), f'no {tuple(inputs[0].shape[1:])}'\n        output ="
    parts = PARTS.replace('        output =', fails)
    result = CliRunner().invoke(
        group, ['fast-test', str(package(tmp_path / 'out', parts=parts)), '-o', str(tmp_path / 'tiny'), '--json']
    )
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert not found['ok']
    first, *_, last = found['reason'].splitlines()
    where = f' ({tmp_path}/out/pack/parts.py:22)'
    assert first == f'AssertionError: no (288, 288){where}'
    assert last == f'(with images of 40x640: AssertionError: no (40, 640){where})'


@pytest.mark.parametrize(
    ('options', 'wanted', 'sizes'),
    [
        ('', 'min(inputs[0].shape[1:]) > 200', ['288x288']),
        (', in_size=24', 'inputs[0].shape[1:] == (24, 24)', ['288x288', '24x24']),
    ],
)
def test_a_model_that_takes_no_small_images_gets_others(
    tmp_path: Path, options: str, wanted: str, sizes: list[str]
) -> None:
    parts = PARTS.replace('init_cfg=None)', 'init_cfg=None, in_size=None)').replace(
        '        output =', f'        assert {wanted}\n        output ='
    )
    out, printed = package(tmp_path / 'out', parts=parts, options=options), list[str]()
    result = fast_test(out, progress=printed.append)
    assert (result.ok, len(result.iterations), result.metrics) == (True, 2, {'count': 2}), result.reason
    assert [line.rpartition(' ')[2] for line in printed if 'once more' in line] == sizes
    assert not fast_test(out, tmp_path / 'tiny', shape=(16, 16), progress=quiet).ok


@pytest.mark.parametrize('there', [False, True])
def test_the_folder_is_as_before_where_it_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    tiny = tmp_path / 'tiny'

    def run(self: IsolatedJobs, job: str, **task: Any) -> dict[str, Any]:
        (tiny / 'data').mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(IsolatedJobs, 'run', run)
    if there:
        tiny.mkdir()
    with pytest.raises(KeyboardInterrupt):
        fast_test(package(tmp_path / 'out'), tiny, progress=quiet)
    assert (tiny.exists(), list(tiny.glob('*'))) == (there, [])


def test_an_interrupted_one_leaves_nothing(tmp_path: Path) -> None:
    """Neither data nor a process, of which the training has started one more."""
    started, tiny, temporary = tmp_path / 'started', tmp_path / 'tiny', tmp_path / 'temporary'
    temporary.mkdir()
    waits = f"""
        import subprocess, time
        other = subprocess.Popen(['sleep', '1000'])
        with open({str(started)!r}, 'w') as file:
            file.write(f'{{os.getpid()}} {{other.pid}}\\n')
        time.sleep(1000)
        output ="""
    out = package(tmp_path / 'out', parts=PARTS.replace('\n        output =', waits))
    process = subprocess.Popen(
        [sys.executable, '-m', 'introspect_export', 'fast-test', str(out), '-o', str(tiny)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, 'TMPDIR': str(temporary)},
    )
    while not (started.is_file() and started.read_text().endswith('\n')):
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    _, printed = process.communicate(timeout=60)
    assert (process.returncode, printed.splitlines()[-1]) == (143, 'interrupted: nothing was left half-written')
    assert (tiny.exists(), list(temporary.iterdir())) == (False, [])
    assert all(gone(int(number), 10.0) for number in started.read_text().split())


def test_code_of_an_origin_cannot_be_imported(tmp_path: Path) -> None:
    parts = PARTS.replace('import os\n', 'import os\nimport origin_lib\n', 1)
    result = fast_test(package(tmp_path / 'out', parts=parts), tmp_path / 'tiny', progress=quiet)
    assert not result.ok
    assert 'origin_lib is not to be imported' in result.reason


def test_what_cannot_be_tested_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match='holds no pack'):
        fast_test(tmp_path)
    out = package(tmp_path / 'out')
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine' / 'file').write_text('')
    with pytest.raises(ExportError, match='is not empty'):
        fast_test(out, tmp_path / 'mine')
    (out / 'tools' / 'train.py').unlink()
    with pytest.raises(ExportError, match='not for training'):
        fast_test(out)


def test_making_it_begin_imports_nothing_heavy() -> None:
    assert imported('import introspect_export.fast_test', ['torch', 'mmengine', 'numpy']) == '[]'


def test_losses_and_metrics_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / '1' / 'vis_data' / 'scalars.json'
    file.parent.mkdir(parents=True)
    lines = [{'lr': 0.1, 'loss': 2.0, 'iter': 1, 'step': 1}, {'AP': 0.5, 'time': 0.1, 'step': 1}]
    file.write_text('\n'.join(json.dumps(line) for line in lines))
    assert read_training_log(tmp_path) == (({'loss': 2.0},), {'AP': 0.5})
