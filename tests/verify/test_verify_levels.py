"""The order of levels, and what becomes of them where something cannot be shown: with roles that only say things."""

from __future__ import annotations

import json
import resource
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config

from introspect_export.model import ExportError
from introspect_export.verify import Verification
from introspect_export.verify.child.smaller_inputs import shrunk
from introspect_export.verify.image_sizes import SHAPE, SMALL, SQUARE
from introspect_export.verify.manifest_record import write_down
from introspect_export.verify.original_config import original
from introspect_export.verify.prove_levels import Proof
from introspect_export.verify.renamed_types import RenamedTypes
from introspect_export.verify.role_pair import NotShownError, Pair
from introspect_export.verify.verify_facts import LevelCheck

LEVELS = ('state', 'forward', 'train', 'data')
STATE = {
    'checkpoint': 'c.pt',
    'state': [['w', [1], 'torch.float32']],
    'built': [['w', 'x']],
    'initialized': [['w', 'x']],
    'uninitialized': '',
    'sizes': [],
    'classes': [['', 'torch.nn:Linear']],
    'buffers': [],
    'parts': ['train', 'val'],
}
MANIFEST = {'compared': {'values': {'default_scope': "'lib'", 'model.type': "'Net'"}}}
FINE: dict[str, Any] = {
    'config': {'values': {'default_scope': "'lib'", 'model.type': "'Net'"}},
    'state': STATE,
    'load': {'missing': [], 'unexpected': []},
    'tiny': {'overrides': [], 'parts': {'train': '', 'val': ''}, 'notes': [], 'smaller': []},
    'data': {'errors': {}, 'tree': []},
    'forward': {'tries': [{'mode': 'tensor', 'part': 'val', 'error': '', 'calls': []}], 'tree': {}},
    'train': {
        'updates': [{'step': 0, 'optimizer': 'optimizer', 'gradients': [], 'some': True}],
        'state': [],
        'calls': [],
        'odd': [],
        'notes': [],
        'tree': {'kind': 'sequence', 'items': []},
    },
}


class Script:
    """A role that gives prepared answers: for a step one, or one after the other."""

    def __init__(self, folder: Path, **answers: Any) -> None:
        self.asked: list[str] = []
        self.shapes: list[tuple[int, int]] = []
        self._folder = folder
        self._answers = {**FINE, **answers}

    def ask(self, step: str, **arguments: Any) -> Mapping[str, Any]:
        self.asked.append(step)
        self.shapes += [arguments['shape']] if 'shape' in arguments else []
        answer = self._answers[step]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        answer = dict(answer)
        if 'tree' in answer:
            file = self._folder / f'{id(self)}.{step}.{len(self.asked)}.pt'
            torch.save(answer.pop('tree'), file)
            answer['file'] = str(file)
        return {'ok': True, **answer}


def failure(reason: str, kind: str = 'ValueError') -> dict[str, Any]:
    return {'ok': False, 'kind': kind, 'reason': reason}


def outcomes(folder: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[str, str]]:
    proof = Proof(Pair(Script(folder, **ours), Script(folder, **theirs), RenamedTypes(MANIFEST), parallel=False))
    return {check.name: (check.outcome, check.reason) for check in proof.prove(LEVELS)}


def test_all_is_shown_where_nothing_differs(tmp_path: Path) -> None:
    assert outcomes(tmp_path, {}, {}) == dict.fromkeys(LEVELS, ('shown', ''))


def test_both_are_asked_at_the_same_time_where_there_is_room(tmp_path: Path) -> None:
    proof = Proof(Pair(Script(tmp_path), Script(tmp_path), RenamedTypes(MANIFEST), parallel=True))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4


def test_without_an_original_nothing_is_shown(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {'state': failure('no file')}, {})
    assert found == dict.fromkeys(LEVELS, ('not shown', 'original: no file'))


def test_a_pack_that_cannot_do_what_the_original_can_fails(tmp_path: Path) -> None:
    assert outcomes(tmp_path, {}, {'state': failure('odd')}) == {'state': ('failed', 'pack: odd')}


def test_a_pack_that_is_too_slow_is_not_blamed(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {}, {'train': failure('took longer than 1 s', 'TimeOut')})
    assert found['train'] == ('not shown', 'pack: took longer than 1 s')
    assert found['data'] == ('shown', '')


def test_a_pack_that_somebody_else_ended_is_not_blamed(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {}, {'train': failure('its process was ended by SIGKILL', 'SIGKILL')})
    assert found['train'] == ('not shown', 'pack: its process was ended by SIGKILL')
    found = outcomes(tmp_path, {}, {'train': failure('there is no room for a tensor', 'MemoryError')})
    assert found['train'] == ('not shown', 'pack: there is no room for a tensor')
    found = outcomes(tmp_path, {}, {'train': failure('its process was ended by SIGSEGV', 'Killed')})
    assert found['train'] == ('failed', 'pack: its process was ended by SIGSEGV')


def test_a_crash_that_the_original_has_in_other_runs_is_not_the_pack_s(tmp_path: Path) -> None:
    crash = failure('its process was ended by SIGSEGV', 'Killed')
    found = outcomes(tmp_path, {'train': [FINE['train'], FINE['train'], crash]}, {'train': crash})
    assert found['train'] == ('not shown', 'original: its process was ended by SIGSEGV')
    assert found['data'] == ('shown', '')
    # An exception is no matter of chance: the original does not run again.
    found = outcomes(tmp_path, {'train': [FINE['train'], crash]}, {'train': failure('odd')})
    assert found['train'] == ('failed', 'pack: odd')


def test_what_the_original_does_not_take_from_a_checkpoint_the_pack_does_not_take_either(tmp_path: Path) -> None:
    ours = {'load': {'missing': ['w'], 'unexpected': []}}
    assert outcomes(tmp_path, ours, ours) == dict.fromkeys(LEVELS, ('shown', ''))
    proof = Proof(Pair(Script(tmp_path, **ours), Script(tmp_path, **ours), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4
    assert proof.notes == ['state: as the original, the pack does not load a checkpoint strictly: w is missing']
    found = outcomes(tmp_path, ours, {})
    assert found == {'state': ('failed', 'checkpoint of the other one: w is missing for the original alone')}


HELD = {'values': {'model.a': '1', 'model.b': 'class lib.net:Net', 'x': "'lib.X'"}, 'built': ['model'], 'errors': {}}
NAMES = {
    **MANIFEST,
    'origins': ['lib'],
    'scopes': ['lib'],
    'symbols': [{'symbol': 'lib.net:Net', 'in': 'pack/net.py'}],
}
SAME = {'model.a': '1', 'model.b': 'class pack.net:Net', 'x': "'X'"}


@pytest.mark.parametrize(
    ('values', 'reason'),
    [
        (SAME, ''),
        ({**SAME, 'model of class Net: _Base_run': '(self)'}, ''),
        ({**SAME, 'model.a': '2'}, 'model.a: original 1, pack 2'),
        ({**SAME, 'model.b': 'class pack.net:Other'}, 'model.b: original class lib.net:Net, pack class pack.net:Other'),
        ({**SAME, 'x': "'Y'"}, "x: original 'lib.X', pack 'Y'"),
        ({**SAME, 'y': '1'}, 'y: original has none, pack 1'),
        ({key: SAME[key] for key in ('model.a', 'x')}, 'model.b: original class lib.net:Net, pack has none'),
    ],
)
def test_what_objects_hold_is_the_same_but_for_names(tmp_path: Path, values: dict[str, str], reason: str) -> None:
    theirs = Script(tmp_path, objects={**HELD, 'values': values})
    proof = Proof(Pair(Script(tmp_path, objects=HELD), theirs, RenamedTypes(NAMES), parallel=False))
    (check,) = proof.prove(['objects'])
    assert (check.failed, check.reason) == (bool(reason), reason)
    assert proof.ran == set()  # To build it is not to run it.


def test_what_the_original_itself_holds_otherwise_each_time_says_nothing(tmp_path: Path) -> None:
    ours = [HELD, {**HELD, 'values': {**HELD['values'], 'model.a': '3'}}]
    theirs = {**HELD, 'values': {**SAME, 'model.a': '2'}, 'errors': {}}
    proof = Proof(
        Pair(Script(tmp_path, objects=ours), Script(tmp_path, objects=theirs), RenamedTypes(NAMES), parallel=False)
    )
    assert [check.ok for check in proof.prove(['objects'])] == [True]


def test_sections_that_the_original_cannot_build_are_told(tmp_path: Path) -> None:
    held = {**HELD, 'errors': {'val_evaluator': 'OSError: gone'}}
    proof = Proof(
        Pair(
            Script(tmp_path, objects=held),
            Script(tmp_path, objects={**held, 'values': SAME}),
            RenamedTypes(NAMES),
            False,
        )
    )
    (check,) = proof.prove(['objects'])
    assert (check.ok, check.without, proof.notes) == (
        True,
        ('val_evaluator',),
        ['objects: val_evaluator: OSError: gone'],
    )
    proof = Proof(
        Pair(
            Script(tmp_path, objects=HELD),
            Script(tmp_path, objects={**HELD, 'errors': {'model': 'odd'}}),
            RenamedTypes(NAMES),
            False,
        )
    )
    assert [check.reason for check in proof.prove(['objects'])] == ['model: original is built, pack odd']


def test_no_inputs_are_no_proof(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {'tiny': {**FINE['tiny'], 'parts': {'train': 'no such reader', 'val': 'nor this'}}}, {})
    reason = 'no inputs could be made: train: no such reader; val: nor this'
    assert found == {'state': ('shown', ''), **dict.fromkeys(LEVELS[1:], ('not shown', reason))}


def test_inputs_that_the_original_cannot_read_are_no_proof(tmp_path: Path) -> None:
    data = {'data': {**FINE['data'], 'errors': {'train': 'OSError: gone', 'val': 'OSError: gone'}}}
    reason = 'no inputs could be made: train: OSError: gone; val: OSError: gone'
    assert outcomes(tmp_path, data, data) == {
        'state': ('shown', ''),
        **dict.fromkeys(LEVELS[1:], ('not shown', reason)),
    }


def test_a_package_of_the_model_alone_is_shown_up_to_its_state(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {}, {'state': {**STATE, 'parts': []}})
    reason = "there are no inputs: the package's config has no data loader"
    assert found == {'state': ('shown', ''), **dict.fromkeys(LEVELS[1:], ('not shown', reason))}


def test_a_part_without_data_leaves_the_others_to_be_shown(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {'tiny': {**FINE['tiny'], 'parts': {'train': 'no such reader', 'val': ''}}}, {})
    assert found == {
        'state': ('shown', ''),
        'forward': ('shown', ''),
        'train': ('not shown', 'no inputs could be made: no such reader'),
        'data': ('not shown', 'val shown, but not train: no such reader'),
    }


def test_an_original_that_differs_from_itself_proves_nothing(tmp_path: Path) -> None:
    before, after = ({**STATE, 'built': [['w', total]]} for total in 'xy')
    assert outcomes(tmp_path, {'state': [before, after]}, {'state': after})['state'] == ('shown', '')
    plain = {'kind': 'plain', 'type': 'builtins:int'}
    trees = [{'errors': {}, 'tree': [['train[0]', {**plain, 'value': number}]]} for number in (1, 2)]
    found = outcomes(tmp_path, {'data': trees}, {'data': trees[1]})
    assert found['data'] == ('not shown', 'train[0]: the original itself gives something else each time')


@pytest.mark.parametrize('theirs', ['IndexError: odd', 'ValueError: even'])
def test_levels_begin_with_a_model_just_built_where_the_original_cannot_be_initialized(
    tmp_path: Path, theirs: str
) -> None:
    ours = Script(tmp_path, state={**STATE, 'uninitialized': 'IndexError: odd'})
    proof = Proof(
        Pair(ours, Script(tmp_path, state={**STATE, 'uninitialized': theirs}), RenamedTypes(MANIFEST), parallel=False)
    )
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4
    assert proof.notes == [
        'state: begun with what building gives, since init_weights of the original fails: IndexError: odd'
    ]


def test_values_that_the_original_draws_anew_prove_nothing(tmp_path: Path) -> None:
    before, after = ({**STATE, 'initialized': [['w', total]]} for total in 'xy')
    assert outcomes(tmp_path, {'state': [before, after]}, {'state': after})['state'] == ('shown', '')


def test_losses_that_are_no_numbers_prove_nothing(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {'train': {**FINE['train'], 'odd': ['step 2: loss is nan']}}, {})
    reason = 'the original has losses that are no finite numbers with these inputs: step 2: loss is nan'
    assert found['train'] == ('not shown', reason)
    update = {**FINE['train']['updates'][0], 'some': False}
    found = outcomes(tmp_path, {'train': {**FINE['train'], 'updates': [update]}}, {})
    assert found['train'] == ('not shown', 'no parameter of the original gets a gradient with these inputs')


def test_a_mode_that_the_original_lacks_is_noted(tmp_path: Path) -> None:
    broken = {'mode': 'tensor', 'part': 'val', 'error': 'NotImplementedError: ', 'calls': []}
    works = {'mode': 'predict', 'part': 'val', 'error': '', 'calls': []}
    both = {'forward': {'tries': [broken, works], 'tree': {}}}
    proof = Proof(Pair(Script(tmp_path, **both), Script(tmp_path, **both), RenamedTypes(MANIFEST), parallel=False))
    assert all(check.ok for check in proof.prove(LEVELS))
    assert proof.notes == ['forward: tensor: the original, with the data of val: NotImplementedError: ']
    none = {'forward': {'tries': [broken], 'tree': {}}}
    assert outcomes(tmp_path, none, none)['forward'][0] == 'not shown'
    assert outcomes(tmp_path, both, {'forward': {'tries': [{**broken, 'error': ''}, works], 'tree': {}}})[
        'forward'
    ] == (
        'failed',
        'tensor: original NotImplementedError: , pack works',
    )


def test_smaller_data_is_tried_first(tmp_path: Path) -> None:
    tiny = {**FINE['tiny'], 'smaller': [[{'path': ['a'], 'value': 1}], [{'path': ['b'], 'value': 1}]]}
    fails = {'tiny': tiny, 'train': [failure('too small'), failure('too short'), FINE['train']]}
    script = Script(tmp_path, **fails)
    proof = Proof(Pair(script, Script(tmp_path), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4
    assert script.asked.count('train') == 3


def test_larger_pictures_are_tried_last(tmp_path: Path) -> None:
    tiny = [FINE['tiny'], {**FINE['tiny'], 'notes': ['larger']}]
    script = Script(tmp_path, tiny=tiny, train=[failure('smaller than the kernel'), FINE['train']])
    proof = Proof(Pair(script, Script(tmp_path), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4
    assert (script.asked.count('tiny'), script.asked.count('train'), proof.notes) == (2, 2, ['data: larger'])


def test_what_small_pictures_do_not_suffice_for_is_told_where_larger_ones_do_not_either(tmp_path: Path) -> None:
    fails = {'tiny': [FINE['tiny'], failure('odd')], 'train': failure('smaller than the kernel')}
    found = outcomes(tmp_path, fails, {})
    assert found['train'] == ('not shown', 'original: smaller than the kernel')
    assert found['data'] == ('shown', '')


def test_the_size_that_a_model_names_is_tried_at_last(tmp_path: Path) -> None:
    state = {**STATE, 'sizes': [[16, 16], [256, 256], [512, 512]]}
    script = Script(tmp_path, state=state, train=[*[failure('it must be 16x16')] * 2, FINE['train']])
    proof = Proof(Pair(script, Script(tmp_path), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4
    assert script.shapes == [SHAPE, SQUARE, (16, 16)]
    script = Script(tmp_path, state=state, train=failure('it must be 8x8'))
    proof = Proof(Pair(script, Script(tmp_path), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown', 'shown', 'not shown', 'shown']
    assert script.asked.count('train') == 4


@pytest.mark.parametrize('kind', ['TimeOut', 'Killed', 'MemoryError'])
def test_what_takes_too_much_is_tried_with_the_smallest_pictures(tmp_path: Path, kind: str) -> None:
    tiny = {**FINE['tiny'], 'smaller': [[{'path': ['a'], 'value': 1}]]}
    script = Script(tmp_path, tiny=tiny, forward=failure('too much', kind), train=failure('too much', kind))
    proof = Proof(Pair(script, Script(tmp_path), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown', 'not shown', 'not shown', 'shown']
    assert [script.asked.count(step) for step in ('tiny', 'forward', 'train')] == [2, 2, 2]
    assert script.shapes == [SHAPE, SMALL]
    script = Script(tmp_path, tiny=FINE['tiny'], train=[failure('too much', kind), FINE['train']])
    proof = Proof(Pair(script, Script(tmp_path), RenamedTypes(MANIFEST), parallel=False))
    assert [check.outcome for check in proof.prove(LEVELS)] == ['shown'] * 4


def test_a_pack_that_is_given_other_large_pictures_fails(tmp_path: Path) -> None:
    plain = {'kind': 'plain', 'type': 'builtins:int'}
    data = [{'errors': {}, 'tree': [['train[0]', {**plain, 'value': number}]]} for number in (1, 2)]
    ours = {'train': failure('smaller than the kernel'), 'data': data[0]}
    found = outcomes(tmp_path, ours, {'data': data})
    assert found['train'] == ('not shown', 'original: smaller than the kernel')
    assert found['data'] == ('failed', 'train[0]: : original 1, pack 2')


def test_where_sizes_of_pictures_stand() -> None:
    pipeline = [
        dict(type='Resize', scale=(1333, 800), keep_ratio=True),
        dict(type='Choice', transforms=[[dict(type='Crop', size=[512, 1024])]]),
        dict(type='Small', size=(192, 256), where=(-320, -320)),
    ]
    config = Config(
        dict(
            model=dict(data_preprocessor=dict(size=(512, 512)), head=dict(size=(512, 512))),
            train_dataloader=dict(batch_size=2, dataset=dict(dataset=dict(pipeline=pipeline))),
        )
    )
    (overrides,) = shrunk(config)
    found = {'.'.join(map(str, one['path'])): one['value'] for one in overrides}
    assert found == {
        'model.data_preprocessor.size': (128, 128),
        'train_dataloader.dataset.dataset.pipeline.0.scale': (672, 384),
        'train_dataloader.dataset.dataset.pipeline.1.transforms.0.0.size': [128, 256],
        'train_dataloader.dataset.dataset.pipeline.2.where': (-64, -64),
    }


def test_long_clips_are_shortened_and_then_left_alone() -> None:
    frames = dict(num_input_frames=100, fixed_seq_len=100, num_output_frames=1, frames_of=30)
    long = Config(dict(val_dataloader=[dict(dataset=frames)]))
    shorter = [
        {'path': ['val_dataloader', 0, 'dataset', 'num_input_frames'], 'value': 5},
        {'path': ['val_dataloader', 0, 'dataset', 'fixed_seq_len'], 'value': 5},
    ]
    assert shrunk(long) == [shorter]
    frames['pipeline'] = [dict(size=(512, 512), frames=9)]
    smaller = {'path': ['val_dataloader', 0, 'dataset', 'pipeline', 0, 'size'], 'value': (128, 128)}
    assert shrunk(Config(dict(val_dataloader=[dict(dataset=frames)]))) == [[smaller, *shorter], [smaller]]


def test_what_has_no_size_is_not_made_smaller() -> None:
    assert shrunk(Config(dict(train_dataloader=dict(dataset=dict(pipeline=[]))))) == []
    clips = [dict(type='Init'), dict(type='Sample', clip_len=1, num_clips=25), dict(type='Sample', num_clips=8)]
    fewer = {'path': ['test_dataloader', 'dataset', 'pipeline', 1, 'num_clips'], 'value': 5}
    assert shrunk(Config(dict(test_dataloader=dict(dataset=dict(pipeline=clips))))) == [[fewer]]


def test_the_original_is_found_through_the_manifest(tmp_path: Path) -> None:
    file = tmp_path / 'c.py'
    file.write_text('')
    facts = {'config': {'file': str(file), 'scope': 'lib', 'options': {'a': '(1, 2)'}}}
    found = original(facts, None)
    assert (found.file, found.scope, found.options) == (str(file), 'lib', {'a': '(1, 2)'})
    with pytest.raises(NotShownError, match='--config says where it is'):
        original({'config': {'file': str(tmp_path / 'gone.py')}}, None)
    with pytest.raises(NotShownError, match='names no file'):
        original({'config': {'name': 'c'}}, None)
    assert original({}, str(file)).file == str(file)
    with pytest.raises(ExportError):
        original(facts, str(tmp_path / 'gone.py'))


def test_the_manifest_keeps_what_was_shown_and_nothing_that_changes(tmp_path: Path) -> None:
    levels = (LevelCheck('static', 'shown', '', ('a',)), LevelCheck('import', 'failed', f'x ({tmp_path}/pack/a.py:1)'))
    for seconds in (1.0, 2.0):
        (tmp_path / 'manifest.json').write_text('{"format": 1}')
        write_down(tmp_path, {'format': 1}, Verification(levels, (), ('lib',), seconds=seconds))
        assert json.loads((tmp_path / 'manifest.json').read_text()) == {
            'format': 1,
            'verification': [
                {'name': 'static', 'outcome': 'shown', 'reason': '', 'without': ['a']},
                {'name': 'import', 'outcome': 'failed', 'reason': 'x (OUT/pack/a.py:1)'},
            ],
        }


def test_a_manifest_that_cannot_be_written_takes_nothing_from_what_was_shown(tmp_path: Path) -> None:
    (tmp_path / 'manifest.json').write_text('{"format": 1}')
    shown = Verification((LevelCheck('static', 'shown'),), (), ('lib',))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))
    try:
        noted = write_down(tmp_path, {'format': 1}, shown)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert noted == replace(shown, unrecorded=f'{tmp_path}/manifest.json cannot be written: File too large')
    assert noted.ok
    assert (tmp_path / 'manifest.json').read_text() == '{"format": 1}'
    assert write_down(tmp_path, {'format': 1}, shown) == shown
