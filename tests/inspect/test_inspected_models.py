"""Every line of the tree is true: real configs, compared to models built plainly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

CONFIGS = [
    'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
    'mmdet::condinst/condinst_r50_fpn_ms-poly-90k_coco_instance.py',
    'mmdet::dino/dino-4scale_r50_8xb2-12e_coco.py',
    'mmseg::mask2former/mask2former_r50_8xb2-90k_cityscapes-512x1024.py',
    'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-l_8xb256-420e_coco-256x192.py',
    'mmagic::dcgan/dcgan_1xb128-5epoches_lsun-bedroom-64x64.py',
    # Pure Python: bases are imported, and types are classes.
    str(Path(__file__).parents[1] / 'projects' / 'lazy_configs' / 'lazy_fcos_swin.py'),
]

# Keys that the configs of the libraries themselves set, and that no code reads.
UNREAD = {
    # mmdet's Mask2FormerHead swallows it in its ``**kwargs``.
    'mmseg::mask2former/mask2former_r50_8xb2-90k_cityscapes-512x1024.py': [['model.decode_head', 'strides']],
}

# The plain build knows nothing of this program; the two are compared object by object.
COMPARE = """
import collections, inspect, json, sys, warnings
warnings.simplefilter('ignore')
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn
from introspect_export.inspect import inspect_config
from introspect_export.load.config_location import locate

report = inspect_config(sys.argv[1])
config = Config.fromfile(str(locate(sys.argv[1])[0]))
init_default_scope(config.get('default_scope'))
if 'data_preprocessor' in config and 'data_preprocessor' not in config.model:
    config.model.data_preprocessor = config.data_preprocessor
first = Config(config._to_lazy_dict()) if config._imported_names else Config(config._cfg_dict.to_dict())
model = MODELS.build(config.model)

def at(value, parts):
    # Attribute names and keys may hold dots, so the longest part that leads on is taken.
    if not parts:
        return value
    for length in range(len(parts), 0, -1):
        name = '.'.join(parts[:length])
        for step in (lambda: vars(value)[name], lambda: value._modules[name], lambda: value[name],
                     lambda: value[int(name)], lambda: getattr(value, name)):
            try:
                return at(step(), parts[length:])
            except Exception:
                continue
    raise LookupError(parts)

def statement(kind):
    lines, start = inspect.getsourcelines(kind)
    return start + next(i for i, line in enumerate(lines) if line.lstrip().startswith('class '))

def setting_value(path):
    value = first
    for part in path.split('.'):
        value = value[int(part)] if isinstance(value, (list, tuple)) else value[part]
    return value

wrong, seen, lines = [], set(), {}
items = [item for item in report.items if item.path.partition('.')[0] == 'model']
for item in items:
    value = at(model, item.path.split('.')[1:])
    kind = type(value)
    seen.add(id(value))
    truth = dict(symbol=f'{kind.__module__}:{kind.__qualname__}',
                 chain=[one.__qualname__ for one in kind.__mro__][:len(item.chain)])
    told = dict(symbol=str(item.symbol), chain=[one.qualname for one in item.chain])
    if kind not in lines:
        lines[kind] = (inspect.getsourcefile(kind), statement(kind))
    truth['place'] = lines[kind]
    told['place'] = (item.place.file, item.place.line) if item.place else None
    if isinstance(value, nn.Module):
        truth['sizes'] = [sum(p.numel() for p in value.parameters()), sum(b.numel() for b in value.buffers()),
                          sum(p.numel() for p in value.parameters(recurse=False)),
                          sum(b.numel() for b in value.buffers(recurse=False))]
        told['sizes'] = [item.parameters, item.buffers, item.own_parameters, item.own_buffers]
    if truth != told:
        wrong.append([item.path, truth, told])

missing = [name for name, module in model.named_modules() if id(module) not in seen]
arguments = [(item, each) for item in report.items for each in item.arguments if each.source == 'config']
placed = [each for item, each in arguments if each.setting is not None]
texts = {}
for each in placed:
    file, line = each.setting.place.file, each.setting.place.line
    lines_of = texts.setdefault(file, open(file).read().split(chr(10)))
    leaf = each.config_path.rpartition('.')[2]
    if not each.around and not leaf.isdigit() and leaf not in '\\n'.join(lines_of[max(0, line - 2):line]):
        wrong.append([each.config_path, 'is not set at', f'{file}:{line}'])
print(json.dumps(dict(wrong=wrong[:5], number=len(wrong), missing=missing[:5], objects=len(items),
                      arguments=len(arguments), placed=len(placed),
                      unknown=[item.path for item in report.items if not item.known],
                      unread=[[item.path, each.name] for item, each in report.unread])))
"""


@pytest.mark.parametrize('config', CONFIGS)
def test_every_line_is_true(config: str) -> None:
    command = [sys.executable, '-W', 'ignore', '-c', COMPARE, config]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (found['number'], found['missing'], found['unknown']) == (0, [], []), found['wrong']
    assert found['objects'] > 10
    # Where the text does not lead to a value nothing is told; that is rare.
    assert found['placed'] >= 0.95 * found['arguments'] > 0
    assert found['unread'] == UNREAD.get(config, [])
