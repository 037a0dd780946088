"""What ``mutate_package.py`` makes of a package's text: where faults go, and how they are counted."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / 'scripts'))
from config_faults import config_faults  # noqa: E402
from mutate_served import Remembering  # noqa: E402
from mutate_table import table  # noqa: E402
from package_faults import KINDS, chosen, faults  # noqa: E402

CODE = '''"""A module."""
import torch


class Head:
    def __init__(self, size=3, é='ñ'):
        """Say nothing: 3 < 4."""
        self.size = size
        self.register_buffer('scale', torch.ones(size))

    def forward(self, x, y):
        if self.training and x > 0.5:
            return torch.clamp(x, 0, y), y
        for index in range(self.size):
            x += y.detach().max(dim=1)[index]
        return x.float() if y is None else -x

    def never(self):
        return 1 + 1
'''
RAN = {8, 9, 12, 13, 14, 15, 16}
CONFIG = """default_scope = 'pack'
model = dict(type='Net', test_cfg=dict(score_thr=0.05), loss=dict(loss_weight=2.0), depth=50)
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1), paramwise_cfg=dict(bias_lr_mult=2.0))
default_hooks = dict(logger=dict(type='LoggerHook', interval=50))
train_dataloader = dict(dataset=dict(pipeline=[dict(type='Load'), dict(type='Flip', prob=0.5)]))
work_dir = 7
"""


def written(folder: Path, text: str) -> Path:
    (folder / 'net.py').write_text(text, encoding='utf-8')
    return folder


def test_each_fault_is_one_change_in_a_line_that_ran(tmp_path: Path) -> None:
    found = faults(written(tmp_path, CODE), {'net.py': RAN})
    everything = [fault for each in found.values() for fault in each]
    assert {kind for kind, each in found.items() if not each} == {'arithmetic', 'choice of a text', 'flag', 'index'}
    for fault in everything:
        (tmp_path / 'net.py').write_text(CODE, encoding='utf-8')
        fault.apply(tmp_path)
        text = (tmp_path / 'net.py').read_text(encoding='utf-8')
        ast.parse(text)
        assert text != CODE and 'return 1 + 1' in text and 'Say nothing: 3 < 4.' in text
    changes = {(fault.kind, fault.before, fault.after) for fault in everything}
    assert ('default', '3', '4') in changes
    assert ('persistence of a buffer', 'torch.ones(size)', 'torch.ones(size), persistent=False') in changes
    assert ('comparison', 'x > 0.5', '(x >= 0.5)') in changes
    assert ('results swapped', 'torch.clamp(x, 0, y), y', 'y, torch.clamp(x, 0, y)') in changes
    assert ('gradient', 'y.detach()', 'y') in changes
    assert ('axis', '1', '0') in changes


def test_faults_of_a_config_are_named_by_what_they_change(tmp_path: Path) -> None:
    found = config_faults(written(tmp_path, CONFIG), 'net.py')
    assert {
        kind.removeprefix('config: '): {(each.before, each.after) for each in some} for kind, some in found.items()
    } == {
        'threshold': {('0.05', repr(0.05 * 1.5))},
        'loss weight': {('2.0', '3.0')},
        'model setting': {('50', '51')},
        'optimizer setting': {('0.1', repr(0.1 * 1.5))},
        'optimizer multiplier': {('2.0', '3.0')},
        'hook setting': {('50', '51')},
        'hook priority': {('interval=50', "interval=50, priority='VERY_LOW'")},
        'augmentation order': {
            ("[dict(type='Load'), dict(type='Flip', prob=0.5)]", "[dict(type='Flip', prob=0.5), dict(type='Load'), ]")
        },
        'augmentation probability': {('0.5', '0.75')},
    }


def test_every_kind_comes_as_often_as_any_other(tmp_path: Path) -> None:
    found = faults(written(tmp_path, CODE), {'net.py': RAN})
    sample = chosen(found, 15, 1)
    assert len({fault.kind for fault in sample}) == 15
    assert sample == chosen(found, 15, 1) != chosen(found, 15, 2)
    assert len(chosen(found, 10**6, 1)) == sum(map(len, found.values()))
    assert len(KINDS) + 9 >= 25


def test_an_answer_is_asked_for_once_and_its_files_are_kept(tmp_path: Path) -> None:
    class Role:
        def __init__(self) -> None:
            self.asked: list[tuple[str, Any]] = []

        def ask(self, step: str, **arguments: Any) -> dict[str, Any]:
            self.asked.append((step, arguments))
            (tmp_path / 'answer.pt').write_text(f'{len(self.asked)}')
            return {'ok': True, 'file': str(tmp_path / 'answer.pt')}

    role: Any = Role()
    remembering = Remembering(role, tmp_path / 'kept')
    for name, content in (('one', 'a'), ('two', 'a'), ('three', 'b')):
        (tmp_path / name).write_text(content)
    answers = [remembering.ask('load', checkpoint=str(tmp_path / name)) for name in ('one', 'two', 'three')]
    assert [Path(each['file']).read_text() for each in answers] == ['1', '1', '2']
    assert len(role.asked) == 2


def test_the_table_counts_what_escaped() -> None:
    record = {'config': 'lib::a.py', 'file': 'pack/net.py', 'line': 3, 'before': '1', 'after': '2'}
    records = [
        {**record, 'name': 'one', 'kind': 'number', 'caught': 'train'},
        {**record, 'name': 'two', 'kind': 'number', 'caught': 'escaped'},
        {**record, 'name': 'three', 'kind': 'axis', 'caught': 'state'},
        {**record, 'name': 'four', 'kind': 'axis', 'caught': 'syntax'},
    ]
    text, share = table(records, {'two': 'It is never read.'}, 'command')
    assert round(share, 3) == 0.667 and '**2 of 3 were noticed (66.7%).**' in text
    assert '| number | 2 | 0 | 1 | 1 |' in text and '| axis | 1 | 1 | 0 | 0 |' in text
    assert '`pack/net.py:3`, number: `1` became `2`. It is never read.' in text
