"""Several configs in one package: each builds what its original builds, and what they have in common is there once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from introspect_export import ExportError, batch, verify

pytestmark = pytest.mark.xdist_group('batch')

PROJECTS = Path(__file__).parents[1] / 'projects'
CORPUS = [
    'mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py',
    'mmdet::convnext/mask-rcnn_convnext-t-p4-w7_fpn_amp-ms-crop-3x_coco.py',
    'mmdet::gn+ws/faster-rcnn_r50_fpn_gn-ws-all_1x_coco.py',
    'mmdet::ssd/ssd300_coco.py',
    'mmdet::vfnet/vfnet_r50_fpn_1x_coco.py',
    'mmdet::yolox/yolox_s_8xb8-300e_coco.py',
]
DESCRIBE = """
import json, sys, zlib
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
blocked, configs = json.loads(sys.argv[1]), json.loads(sys.argv[2])
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in blocked:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
if blocked:
    import pack
torch.use_deterministic_algorithms(True, warn_only=True)
found = {}
for name, file in configs.items():
    cfg = Config.fromfile(file)
    init_default_scope(cfg.default_scope)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    sums = lambda value: zlib.crc32(value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    found[name] = dict(
        state=[(key, list(value.shape), sums(value)) for key, value in model.state_dict().items() if value.numel() > 1],
        classes=[(path, type(module).__name__) for path, module in model.named_modules()])
assert not {name.partition('.')[0] for name in sys.modules} & set(blocked)
print(json.dumps(found))
"""


def described(blocked: list[str], configs: dict[str, str], folder: Path) -> dict[str, Any]:
    """What configs build in a fresh interpreter: every tensor, and the class at every module path."""
    command = [sys.executable, '-W', 'ignore', '-c', DESCRIBE, json.dumps(blocked), json.dumps(configs)]
    path = [str(folder) if blocked else str(PROJECTS), os.environ.get('PYTHONPATH', '')]
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def same(out: Path, originals: dict[str, str]) -> None:
    """Every config of a package builds what its original builds, where the origins cannot be imported."""
    manifest = json.loads((out / 'manifest.json').read_text())
    packed = {one['config']['name']: str(out / one['in']) for one in manifest['configs']}
    assert packed.keys() == originals.keys()
    origins = [*manifest['origins'], 'introspect_export']
    assert described(origins, packed, out) == described([], originals, out)


def test_one_that_fails_is_left_out(configs: Path) -> None:
    result = batch(['configs/a+b', 'configs/broken/unknown.py'], 'out', shared=True, verify=None)
    assert [one.config for one in result.records if not one.ok] == [str(configs / 'broken' / 'unknown.py')]
    assert {one.out for one in result.records} == {'shared'}


def test_each_builds_what_its_original_builds(configs: Path) -> None:
    (configs / 'c' / 'net.py').rename(configs / 'c' / 'third.py')
    result = batch(['configs/a+b', 'configs/c'], 'out', shared=True)
    assert result.ok, [each.trace or each.reason for each in result.failed]
    out = configs.parent / 'out' / 'shared'
    names = ['a+b/net', 'a+b/other', 'c/third']
    assert sorted(file.relative_to(out / 'pack').as_posix() for file in (out / 'pack' / 'configs').rglob('*.py')) == [
        f'configs/configs/{name}.py' for name in names
    ]
    same(out, {Path(name).name: str(configs / f'{name}.py') for name in names})
    text = ''.join(file.read_text() for file in (out / 'pack').rglob('*.py'))
    symbols = json.loads((out / 'manifest.json').read_text())['symbols']
    assert len({one['symbol'] for one in symbols}) == len(symbols) > 5
    assert text.count('class DenseHead') <= 1
    assert '## All configs' in (out / 'README.md').read_text()
    assert verify(out).ok
    with pytest.raises(ExportError, match='several configs'):
        verify(out, 'state')
    again = batch(['configs/a+b', 'configs/c'], 'out', shared=True)
    assert again.resumed == 3


@pytest.mark.corpus
def test_configs_of_a_library(tmp_path: Path) -> None:
    from introspect_export.load.config_location import locate

    assert batch(CORPUS, tmp_path, shared=True).ok
    same(tmp_path / 'mmdet', {Path(one).stem: str(locate(one)[0]) for one in CORPUS})


@pytest.mark.corpus
def test_configs_with_equal_names_of_two_origins(tmp_path: Path) -> None:
    files = sorted((PROJECTS / 'two_origins').glob('*.py'))
    result = batch([str(file) for file in files], tmp_path, shared=True)
    assert result.ok, result.failed
    same(tmp_path / 'shared', {file.stem: str(file) for file in files})


NET = """
from mmengine.model import BaseModule
from mmengine.registry import MODELS as ROOT
from shared_lib.registry import MODELS

@ROOT.register_module()
class SharedPart(BaseModule):
    pass

@MODELS.register_module()
class SharedNet(BaseModule):
    def __init__(self, part=None):
        super().__init__()
        self.part = MODELS.build(part) if part else None
"""
REGISTRY = """
from mmengine.registry import MODELS as ROOT, Registry

MODELS = Registry('model', parent=ROOT, locations=['shared_lib.net'])
"""


def test_one_of_them_looks_up_what_is_registered_in_a_library_s_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'shared_lib').mkdir()
    for name, text in {'__init__': '', 'registry': REGISTRY, 'net': NET}.items():
        (tmp_path / 'shared_lib' / f'{name}.py').write_text(text)
    for name, part in {'plain': 'None', 'parted': "dict(type='SharedPart')"}.items():
        text = f"default_scope = 'shared_lib'\nmodel = dict(type='SharedNet', part={part})\n"
        (tmp_path / f'{name}.py').write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('PYTHONPATH', str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    result = batch(['plain.py', 'parted.py'], 'out', shared=True)
    assert result.ok, [each.trace or each.reason for each in result.failed]
    text = next((tmp_path / 'out').rglob('pack/net.py')).read_text()
    assert 'from mmengine.registry' not in text
    assert text.count('.register_module()') == 2
