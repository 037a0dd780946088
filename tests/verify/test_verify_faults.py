"""A package with one fault of each kind, put there on purpose: the level it is caught at, and what is said of it."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from introspect_export import export
from introspect_export.verify import LevelCheck
from introspect_export.verify.comparing import tasks
from introspect_export.verify.data_level import Inputs, make_inputs
from introspect_export.verify.original_config import original
from introspect_export.verify.prove_levels import Proof
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import Pair
from introspect_export.verify.roles import RoleProcess

ROOT = Path(__file__).parents[2]
PROJECTS = ROOT / 'tests' / 'projects'
CONFIG = PROJECTS / 'toylib' / 'configs' / 'gn+toy' / 'fancy.v1_2x.py'
STACKED = {f'{part}_dataloader.collate_fn': {'type': 'default_collate'} for part in ('train', 'val', 'test')}
WARM_UP = {'param_scheduler': [{'type': 'LinearLR', 'start_factor': 0.5, 'by_epoch': False, 'begin': 0, 'end': 10}]}
LEVELS = ('state', 'objects', 'forward', 'train', 'evaluate', 'data')
sys.path.insert(0, str(ROOT / 'scripts'))
from sweep_prove import ServedRole  # noqa: E402
from sweep_server import checking  # noqa: E402

# Two interpreters that import torch, and a fork of one for each fault.
pytestmark = pytest.mark.slow


class Remembering:
    """A role that does each step once: the original is the same for every fault."""

    def __init__(self, role: RoleProcess) -> None:
        self._role = role
        self._known: dict[str, Mapping[str, Any]] = {}

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        key = json.dumps([step, arguments])
        loads = step == 'load'
        if loads or key not in self._known:
            self._known[key] = self._kept(self._role.ask(step, **arguments), len(self._known))
        return self._known[key]

    @staticmethod
    def _kept(answer: Mapping[str, Any], number: int) -> Mapping[str, Any]:
        """The answer, with a file of its own that no later step writes over."""
        if 'file' not in answer:
            return answer
        file = f'{answer["file"]}.{number}'
        shutil.copy(answer['file'], file)
        return {**answer, 'file': file}


class Bench:
    """Tries faults: an export, its original, and a server that forks a pack for each."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / 'out'
        sys.path.insert(0, str(PROJECTS))
        try:
            export(CONFIG, self.out, options={**STACKED, **WARM_UP}, verify=None)
            self.manifest = json.loads((self.out / 'manifest.json').read_text())
            self._work = folder / 'work'
            self._work.mkdir()
            task, _ = tasks(self.out, str(self._work), original(self.manifest, None), [])
            self._process = RoleProcess(task, 120)
        finally:
            sys.path.remove(str(PROJECTS))
        self._original = Remembering(self._process)
        self._server = checking()
        self._inputs: Inputs | None = None

    def close(self) -> None:
        self._process.close()
        self._server.close()

    def levels(self, out: Path, folder: Path, wanted: Sequence[str] = LEVELS) -> tuple[list[LevelCheck], list[str]]:
        """What is shown of a pack; the work of the pack goes into an empty folder."""
        _, task = tasks(out, str(folder), original(self.manifest, None), ['toylib', 'introspect_export'])
        pack = ServedRole(self._server, task, folder, folder / 'log.txt')
        try:
            pair = Pair(self._original, pack, RenamedTypes(self.manifest), parallel=False)
            if self._inputs is None:
                self._inputs = make_inputs(pair)
            proof = Proof(pair, self._inputs)
            return list(proof.prove(wanted)), proof.notes
        finally:
            pack.close()


@pytest.fixture(scope='module')
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp('faults'))
    yield made
    made.close()


def test_a_pack_without_a_fault_is_shown_at_every_level(bench: Bench, tmp_path: Path) -> None:
    levels, notes = bench.levels(bench.out, tmp_path, (*LEVELS, 'code'))
    assert [(level.name, level.outcome, level.reason) for level in levels] == [
        (name, 'shown', '') for name in (*LEVELS, 'code')
    ]
    assert notes == [
        'evaluate: no prediction could be made nearly right, so what metrics make of right ones is not seen'
    ]


@pytest.mark.parametrize(('number', 'outcome'), [(signal.SIGKILL, 'not shown'), (signal.SIGSEGV, 'failed')])
def test_a_pack_that_somebody_else_ended_is_not_blamed(
    bench: Bench, tmp_path: Path, number: signal.Signals, outcome: str
) -> None:
    out = tmp_path / 'out'
    shutil.copytree(bench.out, out)
    with (out / 'pack' / '__init__.py').open('a') as file:
        file.write(f'\nimport os\n\nos.kill(os.getpid(), {number.value})\n')
    levels, _ = bench.levels(out, tmp_path)
    assert (levels[0].name, levels[0].outcome) == ('state', outcome)
    assert f'killed by signal {number.name}' in levels[0].reason


FANCY = 'models/heads/fancy_head.py'
BACKBONE = 'models/backbone.py'
OVERRIDE = """    def forward(self, x):
        self.calls += 1
        return self._DenseHead_forward(x) + 1

"""
NUMBER = r'-?\d+(\.\d+)?(e-\d+)?'
# file, pairs of texts, level, what is said (a pattern)
FAULTS: dict[str, tuple[str, list[tuple[str, str]], str, str]] = {
    'a changed constant': (
        'models/utils/misc.py',
        [('SCALE = 2.0', 'SCALE = 2.5')],
        'forward',
        rf'head: output differs first at \(0, 0, 0, 0\): original {NUMBER}, pack {NUMBER} \(64 of 64 numbers',
    ),
    'a dropped override': (
        FANCY,
        [(OVERRIDE, ''), ('def _DenseHead_forward', 'def forward')],
        'forward',
        r'head: output differs first at \(0, 0, 0, 0\): original ',
    ),
    'a swapped super target': (
        FANCY,
        [('return self._ScoreMixin_loss(x, target)', 'return self._BaseHead_loss(x, target)')],
        'train',
        rf'step 1: loss differs: original {NUMBER}, pack {NUMBER}$',
    ),
    'a missing buffer': (
        BACKBONE,
        [("        self.register_buffer('mean', torch.zeros(1))\n", ''), ('x - self.mean', 'x')],
        'state',
        r'state_dict: pack lacks backbone\.mean$',
    ),
    'a buffer that no checkpoint holds': (
        BACKBONE,
        [
            (
                'torch.zeros(1))\n',
                "torch.zeros(1))\n        self.register_buffer('odd', torch.zeros(2), persistent=False)\n",
            )
        ],
        'state',
        r'buffers outside of the state_dict: pack adds backbone\.odd$',
    ),
    'a buffer with another value': (
        BACKBONE,
        [('torch.zeros(1)', 'torch.ones(1)')],
        'state',
        r'built under the same seed, backbone\.mean differs first at \(0,\): original 0\.0, pack 1\.0$',
    ),
    'a hook that takes an entry out of checkpoints': (
        BACKBONE,
        [
            (
                'torch.zeros(1))\n',
                'torch.zeros(1))\n        self._register_load_state_dict_pre_hook('
                "lambda entries, prefix, *_: entries.pop(prefix + 'mean'))\n",
            )
        ],
        'state',
        r'checkpoint of the other one: backbone\.mean is missing for the pack alone$',
    ),
    'another initialization': (
        BACKBONE,
        [('init_cfg=init_cfg)', "init_cfg=init_cfg or dict(type='Constant', val=0.5, layer='Conv2d'))")],
        'state',
        r'initialized under the same seed, backbone\.stem\.conv\.weight differs first at .* pack 0\.5',
    ),
    'an initialization that fails': (
        BACKBONE,
        [('init_cfg=init_cfg)', "init_cfg=init_cfg or dict(type='Odd'))")],
        'state',
        r'init_weights: original works, pack KeyError: Odd is not in the .*registry',
    ),
    'another shape': (
        BACKBONE,
        [('padding=1', 'padding=1, bias=False')],
        'state',
        r'state_dict: pack lacks backbone\.stem\.conv\.bias \(and 1 more\)$',
    ),
    'another type': (
        BACKBONE,
        [('torch.zeros(1)', 'torch.zeros(1, 1)')],
        'state',
        r'backbone\.mean: original is torch\.float32 of shape \(1,\), pack is torch\.float32 of shape \(1, 1\)$',
    ),
    'another order': (
        BACKBONE,
        [
            ("        self.register_buffer('mean', torch.zeros(1))\n", ''),
            ('        self.more = ', "        self.register_buffer('mean', torch.zeros(1))\n        self.more = "),
            ('        self.stem = ', '        self.pack_only = nn.Identity()\n        self.stem = '),
        ],
        'state',
        r'pack has a module backbone\.pack_only that the original does not have$',
    ),
    'another class': (
        BACKBONE,
        [('ACTS.build(dict(type=act))', 'nn.SiLU()')],
        'state',
        r'backbone\.stem\.act: expected torch\.nn\.modules\.activation:GELU, pack has torch\.\S+:SiLU$',
    ),
    'a gradient that is cut off': (
        BACKBONE,
        [('x = self._TinyNet_forward(x)', 'x = self._TinyNet_forward(x).detach()')],
        'train',
        r'step 1: gradient of backbone\.stem\.conv\.weight: original is Tensor, pack is None$',
    ),
    'another learning rate': (
        'configs/gn+toy/fancy.v1_2x.py',
        [('lr=0.01', 'lr=0.02')],
        'state',
        r'config: optim_wrapper\.optimizer\.lr: original 0\.01, package 0\.02$',
    ),
    'another warm-up': (
        'configs/gn+toy/fancy.v1_2x.py',
        [('start_factor=0.5', 'start_factor=0.4')],
        'state',
        r'config: param_scheduler\[0\]\.start_factor: original 0\.5, package 0\.4$',
    ),
    'a warm-up that stands still': (
        'configs/gn+toy/fancy.v1_2x.py',
        [('end=10', 'end=1000')],
        'state',
        r'config: param_scheduler\[0\]\.end: original 10, package 1000$',
    ),
    'a module that is not called': (
        BACKBONE,
        [('return self.act(self.conv(x))', 'return torch.nn.functional.gelu(self.conv(x))')],
        'forward',
        r'backbone\.stem\.act: the pack runs backbone\.stem in its place$',
    ),
    'an error of its own': (
        FANCY,
        [('boxes = get_box', "raise ValueError('odd')\n        boxes = get_box")],
        'forward',
        r'predict: original works, pack ValueError: odd \(\S*models/heads/fancy_head\.py:\d+\)$',
    ),
    'a transform with another default': (
        'datasets/toy.py',
        [('offset=0.5', 'offset=0.25')],
        'objects',
        r'train_dataloader\.dataset\.pipeline\.transforms\[0\]\.offset: original 0\.5, pack 0\.25$',
    ),
    'a transform that does something else': (
        'datasets/toy.py',
        [("results['index'] + self.offset", "results['index'] - self.offset")],
        'data',
        r'train\[0\]: inputs differs first at \(0, 0, 0\): original 0\.5, pack -0\.5 \(192 of 192 numbers differ\)$',
    ),
    'a metric that counts otherwise': (
        'engine/parts.py',
        [('count=sum(results)', 'count=sum(results) + 1')],
        'evaluate',
        r'val_evaluator, outputs of deviation 1\.0: count: original 256, pack 257$',
    ),
    'a hook that counts otherwise': (
        'engine/parts.py',
        [('self.count += 1', 'self.count += 2')],
        'code',
        r'toylib\.engine\.parts:CountHook\.after_train_iter: original has 1, pack 2 \(pack/engine/parts\.py:\d+\)$',
    ),
    'a statement that is dropped where nothing comes': (
        'models/heads/base_head.py',
        [('        assert isinstance(boxes, BaseBoxes)\n', '')],
        'code',
        r'toylib\.models\.heads\.base_head:BaseHead\.boxes: original has assert, pack return \(pack/models',
    ),
    'another constant that nothing reads here': (
        'models/heads/dense_head.py',
        [('INF = 100.0', 'INF = 101.0')],
        'code',
        r'toylib\.models\.heads\.dense_head:INF: original has 100\.0, pack 101\.0 \(pack/models/heads',
    ),
    'a hook of another priority': (
        'engine/parts.py',
        [('    def before_run', "    priority = 'VERY_LOW'\n\n    def before_run")],
        'objects',
        r'the order of hooks\[',
    ),
    'another default of a method': (
        'models/detector.py',
        [("mode='tensor'", "mode='predict'")],
        'objects',
        r"model of class Detector: forward\(mode=\): original 'tensor', pack 'predict'$",
    ),
    'parameters in another order': (
        BACKBONE,
        [
            ('def make(self, inp, out, act)', 'def make(self, inp, act, out)'),
            ('self.block(inp, out, act)', 'self.block(inp, act, out)'),
        ],
        'objects',
        r'model\.backbone of class TinyNetV2: make: original \(self .*, inp .*, out .*, act .*\), pack \(self ',
    ),
    'a parameter that is not learned': (
        BACKBONE,
        [('        self.more = ', '        self.stem.conv.bias.requires_grad_(False)\n        self.more = ')],
        'objects',
        r'model\.backbone\.stem\.conv\.bias: original torch\.float32 \(4,\) learned ',
    ),
    'a data set with other classes': (
        'datasets/toy.py',
        [("classes=('a', 'b')", "classes=('a', 'c')")],
        'objects',
        r"train_dataloader\.dataset\._metainfo\.classes\[1\]: original 'b', pack 'c'$",
    ),
}


@pytest.mark.parametrize('name', FAULTS)
def test_a_fault_is_caught_at_its_level_and_named(bench: Bench, tmp_path: Path, name: str) -> None:
    import re

    file, swaps, level, pattern = FAULTS[name]
    out = tmp_path / 'out'
    shutil.copytree(bench.out, out)
    text = (out / 'pack' / file).read_text()
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new)
    (out / 'pack' / file).write_text(text)
    levels, _ = bench.levels(out, tmp_path, ('code',) if level == 'code' else LEVELS)
    (failed,) = [one for one in levels if one.failed]
    assert failed == levels[-1]
    assert failed.name == level, levels
    assert re.match(pattern, failed.reason, re.MULTILINE), failed.reason
    before = [one for one in levels if not one.failed]
    if level == 'data':
        told = {one.name: one.reason for one in before if not one.ok}
        assert set(told) == {'forward', 'train', 'evaluate'}
        assert all(reason == f'the pack is given other data: {failed.reason}' for reason in told.values())
    else:
        assert all(one.ok for one in before)
