"""Where a config's values were set, through bases, variables and overrides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from introspect_export.inspect.config_statements import read_settings
from introspect_export.load import load_config

BASE = """
norm = dict(type='BN', eps=1e-5)
sizes = [1, 2]
model = dict(
    backbone=dict(
        depth=50,
        norm_cfg=norm,
        stages=(1, 2)),
    neck=dict(type='FPN', width=3))
pipeline = [dict(type='Load'), dict(type='Flip', prob=0.5)]
"""
MIDDLE = """
_base_ = ['./base.py']
model = dict(
    backbone=dict(depth=101),
    neck=dict(_delete_=True, type='PAN'))
train = dict(pipeline={{_base_.pipeline}}, batch=2)
"""
TOP = """
_base_ = './middle.py'
wide = 7
model = dict(backbone=dict(depth=152, extra=wide), neck=dict(out=[wide, -1]))
train = dict(pipeline=_base_.pipeline + [dict(type='Pack')])
pipeline = dict(_delete_=True)
"""


def settings(folder: Path, files: dict[str, str], options: dict[str, Any] | None = None) -> Any:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip('\n'))
    loaded = load_config(folder / list(files)[-1], options=options)
    return read_settings(loaded, loaded.config._cfg_dict.to_dict(), options or {})


def told(found: Any, path: str) -> str | None:
    """The place of a key, its variable's place and the places overridden, in short."""
    origin = found.origin(path)
    if origin is None:
        return None
    places = [origin.setting.place, *([origin.setting.via] if origin.setting.via else [])]
    text = ' via '.join(f'{Path(one.file).stem}:{one.line}' for one in places)
    over = [f'{Path(one.place.file).stem}:{one.place.line}' for one in origin.overridden]
    return text + (f' over {" ".join(over)}' if over else '') + ('' if origin.exact else ' around')


@pytest.mark.parametrize(
    ('path', 'expected'),
    [
        ('model.backbone.depth', 'top:3 over middle:3 base:5'),
        ('model.backbone.norm_cfg', 'base:6 via base:1'),
        ('model.backbone.norm_cfg.eps', 'base:1'),
        ('model.backbone.stages.1', 'base:7'),
        ('model.backbone.extra', 'top:3 via top:2'),
        ('model.neck.type', 'middle:4'),
        ('model.neck.out', 'top:3'),
        ('model.neck.out.0', 'top:3 via top:2'),
        ('model.neck.out.1', 'top:3'),
        ('model.neck.width', None),  # Deleted with its dict.
        ('train.batch', 'middle:5'),
        ('train.pipeline.1.prob', 'base:9'),
        ('train.pipeline.2.type', 'top:4'),
        ('no.such.key', None),
        ('model.no', None),
    ],
)
def test_old_style(tmp_path: Path, path: str, expected: str | None) -> None:
    found = settings(tmp_path, {'base.py': BASE, 'middle.py': MIDDLE, 'top.py': TOP})
    assert told(found, path) == expected


def test_options_come_last(tmp_path: Path) -> None:
    options = {'model.backbone.depth': 18, 'model.backbone.stages': (3, 4)}
    found = settings(tmp_path, {'base.py': BASE, 'middle.py': MIDDLE, 'top.py': TOP}, options)
    assert told(found, 'model.backbone.depth') == '--cfg-options:0 over top:3 middle:3 base:5'
    assert told(found, 'model.backbone.stages') == '--cfg-options:0 over base:7'


def test_new_style(tmp_path: Path) -> None:
    base = 'from torch.nn import ReLU\nmodel = dict(type=ReLU, depth=50)\nlr = 0.1\n'
    top = (
        'from mmengine.config import read_base\n'
        'with read_base():\n'
        '    from .base import *\n'
        'model.update(dict(depth=101))\n'
        "model['wide'] = lr\n"
        'optimizer = dict(lr=lr)\n'
    )
    found = settings(tmp_path, {'base.py': base, 'top.py': top})
    assert told(found, 'model.depth') == 'top:4 over base:2'
    assert told(found, 'model.wide') == 'top:5 via base:3'
    assert told(found, 'model.type') == 'base:2'
    assert told(found, 'optimizer.lr') == 'top:6 via base:3'


def test_what_is_computed_is_told_as_such(tmp_path: Path) -> None:
    text = (
        "keys = {f'layer{i}': dict(lr=i) for i in range(3)}\n"
        'optimizer = dict(custom=keys)\n'
        'wide = 2\n'
        'model = dict(width=wide * 2)\n'
    )
    found = settings(tmp_path, {'top.py': text})
    assert told(found, 'optimizer.custom.layer1.lr') == 'top:2 via top:1 around'
    assert told(found, 'model.width') == 'top:4'


def test_a_statement_that_changes_everything_is_the_place(tmp_path: Path) -> None:
    text = 'model = dict(depth=1)\nfor key in list(model):\n    model[key] += 2\n'
    assert told(settings(tmp_path, {'top.py': text}), 'model.depth') == 'top:3 over top:1 around'


def test_a_text_that_does_not_lead_to_the_value_tells_nothing(tmp_path: Path) -> None:
    text = 'model = dict(depth=1)\nother = model\nother["depth"] = 2\n'
    assert told(settings(tmp_path, {'top.py': text}), 'model.depth') is None


def test_data_files(tmp_path: Path) -> None:
    base = 'norm: {type: BN}\nmodel:\n  backbone:\n    depth: 50\n    norm_cfg: {type: GN}\n  sizes: [1, 2]\n'
    middle = '{"_base_": "base.yaml",\n "model": {"backbone": {\n  "depth": 101, "norm_cfg": {{_base_.norm}}},\n'
    middle += '  "lr": 1e-3}}'
    top = "_base_ = ['./middle.json']\nmodel = dict(backbone=dict(depth=152))\n"
    found = settings(tmp_path, {'base.yaml': base, 'middle.json': middle, 'top.py': top})
    assert told(found, 'model.backbone.depth') == 'top:2 over middle:3 base:4'
    assert told(found, 'model.backbone.norm_cfg.type') == 'base:1 over base:5'
    assert told(found, 'model.backbone.norm_cfg') == 'middle:3 via base:1 over base:5'
    assert told(found, 'model.sizes.1') == 'base:6'
    assert told(found, 'model.lr') == 'middle:4'


def test_keys_with_dots(tmp_path: Path) -> None:
    text = "optimizer = dict(custom={'a.b': dict(lr=1),\n 'a': dict(b=3, c=4)})\noptimizer['custom']['a.b']['lr'] = 2\n"
    found = settings(tmp_path, {'top.py': text})
    assert told(found, 'optimizer.custom.a.b.lr') == 'top:3 over top:1'
    assert told(found, 'optimizer.custom.a.c') == 'top:2'
