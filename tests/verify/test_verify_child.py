"""Parts of the processes that verify, by themselves."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.model import PretrainedInit
from mmengine.registry import MODELS, Registry

import introspect_export
from introspect_export.sandbox.faults import kind, sentence
from introspect_export.verify.child.code_facts import _values
from introspect_export.verify.child.input_sizes import named_sizes
from introspect_export.verify.child.model_state import _untrained
from introspect_export.verify.child.object_contents import Portrait
from introspect_export.verify.child.registered_names import all_types
from introspect_export.verify.child.role import _ended_by, _place
from introspect_export.verify.child.role_objects import fill
from introspect_export.verify.child.section_report import excused
from introspect_export.verify.roles import RoleProcess


@pytest.fixture
def unimportable() -> Iterator[Registry]:
    """A library's registry, among whose locations one cannot be imported."""
    registry = Registry('model', scope='elsewhere', parent=MODELS, locations=['elsewhere.not_here'])
    registry.register_module(name='Known', module=int)
    yield registry
    del MODELS.children['elsewhere']


def test_a_library_s_registries_import_nothing_because_names_are_looked_for(unimportable: Registry) -> None:
    found = all_types()
    assert 'elsewhere.Known' in found and not unimportable._imported


def test_a_process_that_could_not_say_where_it_ended(tmp_path: Path) -> None:
    crash = tmp_path / 'crash.txt'
    assert _place(crash) == ''
    crash.write_text('Fatal Python error: Aborted\n\nStack (most recent call first):\n  File "a.py", line 3 in run\n')
    assert _place(crash) == ' in run (a.py:3)'


@pytest.mark.parametrize(
    ('number', 'ended'), [(signal.SIGKILL, 'SIGKILL'), (signal.SIGSEGV, 'Killed'), (signal.SIGABRT, 'Killed')]
)
def test_who_ended_a_process(number: int, ended: str) -> None:
    child = os.fork()
    if child == 0:
        faulthandler.disable()  # It would print where it was.
        os.kill(os.getpid(), number)
    assert _ended_by(os.waitpid(child, 0)[1]) == ended


def test_a_failure_without_a_word_is_told_by_its_line() -> None:
    with pytest.raises(AssertionError) as raised:
        exec(compile('assert 1 == 2', '/somewhere/pack/sums.py', 'exec'))
    assert sentence(raised.value) == 'AssertionError:  (/somewhere/pack/sums.py:1)'  # Its text is not there.
    with pytest.raises(ZeroDivisionError) as divided:
        1 / 0  # noqa: B018
    assert sentence(divided.value) == 'ZeroDivisionError: division by zero'
    with pytest.raises(NotImplementedError) as refused:
        raise NotImplementedError
    assert sentence(refused.value) == 'NotImplementedError: raise NotImplementedError'


def test_sizes_that_a_model_names() -> None:
    options = dict(
        generator=dict(in_size=16, out_size=256, patch_size=7),
        stages=[dict(img_size=(32, 64)), dict(img_size=[(1, 2)]), dict(input_resolution=None, image_size=True)],
    )
    assert named_sizes(ConfigDict(options)) == [(16, 16), (32, 64)]


@pytest.mark.parametrize(('number', 'ended'), [(signal.SIGKILL, 'SIGKILL'), (signal.SIGTERM, 'Died')])
def test_who_ended_an_interpreter(tmp_path: Path, number: int, ended: str) -> None:
    role = RoleProcess({'role': 'pack', 'folder': str(tmp_path)}, timeout=60.0)
    os.kill(role._process.pid, number)
    assert role.ask('state')['kind'] == ended
    role.close()


def test_memory_that_was_not_enough_is_told_apart() -> None:
    import torch

    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert kind(caught.value) == 'MemoryError'
    assert kind(RuntimeError('shapes do not match')) == 'RuntimeError'


NORMAL = {'type': 'Normal', 'std': 0.1}
TRAINED = ConfigDict(type='Pretrained', checkpoint='w.pth')


@pytest.mark.parametrize(
    ('options', 'kept'),
    [
        (NORMAL, NORMAL),
        ([NORMAL], [NORMAL]),
        (TRAINED, None),
        ({'type': PretrainedInit, 'checkpoint': 'w.pth'}, None),
        ([NORMAL, TRAINED], [NORMAL]),
        ([TRAINED], None),
    ],
)
def test_what_is_initialized_without_the_weights_of_a_trained_model(options: Any, kept: Any) -> None:
    assert _untrained(options) == kept


def test_a_checkpoint_is_loaded_as_far_as_the_model_takes_it(tmp_path: Path) -> None:
    file = str(tmp_path / 'w.pt')
    torch.save(torch.nn.Linear(2, 3).state_dict(), file)
    model = torch.nn.Linear(2, 3)
    assert fill(model, file) == {'missing': [], 'unexpected': []}
    kept = model.bias.tolist()
    model._register_load_state_dict_pre_hook(lambda entries, prefix, *_: entries.pop(f'{prefix}bias'))
    torch.save(torch.nn.Linear(2, 3).state_dict(), file)
    assert fill(model, file) == {'missing': ['bias'], 'unexpected': []}
    assert model.bias.tolist() == kept
    assert model.weight.tolist() == torch.load(file)['weight'].tolist()
    torch.save(torch.nn.Linear(3, 3).state_dict(), file)
    with pytest.raises(RuntimeError, match='size mismatch for weight'):
        fill(model, file)


LACKS = 'is not in the {}::transform registry. Please check whether it is right'


@pytest.mark.parametrize(
    ('original', 'error', 'excused_'),
    [
        (f"KeyError: 'mmlib.Old {LACKS.format('mmlib')}'", KeyError(f'Old {LACKS.format("pack")}'), True),
        (f"KeyError: 'mmlib.Other {LACKS.format('mmlib')}'", KeyError(f'Old {LACKS.format("pack")}'), False),
        ('needs a.json, which is not here', KeyError(f'Old {LACKS.format("pack")}'), False),
        ('needs a.json, which is not here', FileNotFoundError(2, 'No such file', 'a.json'), True),
        ('needs a.json, which is not here', NameError("name 'helper' is not defined"), False),
        ('needs a.json, which is not here', ModuleNotFoundError('mmlib is not to be imported by the pack'), False),
        ("ModuleNotFoundError: No module named 'faiss'", ModuleNotFoundError("No module named 'faiss'"), True),
        ('', FileNotFoundError(2, 'No such file', 'a.json'), False),
        (None, FileNotFoundError(2, 'No such file', 'a.json'), True),
        (None, NameError("name 'helper' is not defined"), False),
    ],
)
def test_a_failure_is_excused_only_by_the_same_of_the_original(
    original: str | None, error: Exception, excused_: bool
) -> None:
    assert bool(excused(original, error)) is excused_


def test_tables_by_classes_are_told_by_their_names_in_whatever_order_they_were_filled() -> None:
    class Round:
        pass

    class Square:
        pass

    told = []
    for kinds in ((Round, Square), (Square, Round)):
        portrait = Portrait(frozenset(), {})
        portrait.add('table', {kind: kind.__name__.lower() for kind in kinds})
        told.append(portrait.values)
    assert told[0] == told[1]
    assert sorted(told[0].values()) == ["'round'", "'square'", 'mapping of 2']


def test_of_globals_that_others_add_to_only_what_both_have_is_told() -> None:
    assert dict(_values('m:x', [1, 2])) == {}
    assert dict(_values('m:x', (1, 2))) == {'m:x': (1, 2)}
    assert dict(_values('m:x', {'a': 1, int: 2, 3.5: 3})) == {"m:x['a']": 1, 'm:x[class int]': 2}


class Mark:
    """What a class holds and its subclasses share."""


class MarkedBase:
    mark = Mark()


class FirstMarked(MarkedBase):
    pass


class SecondMarked(MarkedBase):
    pass


def flattened_marks() -> list[type]:
    class FirstMarked:
        mark = Mark()

    class SecondMarked:
        mark = Mark()

    return [FirstMarked, SecondMarked]


def test_what_classes_inherit_is_described_for_each() -> None:
    """An object that two classes share through their base, and that flattened classes have one each of, is the same."""
    portraits = []
    for kinds in ([FirstMarked, SecondMarked], flattened_marks()):
        portrait = Portrait(frozenset({__name__.partition('.')[0]}), {})
        for index, made in enumerate(kinds):
            portrait.add(f'[{index}]', made())
        portraits.append({path: text for path, text in portrait.values.items() if ' of class ' in path})
    assert portraits[0] == portraits[1]
    assert len(portraits[0]) == 2 and all(text.endswith('Mark') for text in portraits[0].values())


def test_texts_made_of_addresses_are_the_same_in_every_process() -> None:
    texts = []
    for address in ('0x7f91b02fbc40', '0x7f6725a4fba0'):
        portrait = Portrait(frozenset(), {})
        portrait.add('name', f'<function interpolate at {address}>')
        portrait.add('mask', '0xff00')
        texts.append(portrait.values)
    assert texts[0] == texts[1] == {'name': "'<function interpolate at 0x…>'", 'mask': "'0xff00'"}


ENTROPY = """
import random, sys
sys.path.insert(0, sys.argv[1])
from child.determinism import make_deterministic, seed_everything
make_deterministic()
import numpy, torch
def drawn():
    torch.seed()
    numpy.random.seed()
    random.seed()
    return torch.rand(1).item(), numpy.random.rand(), random.random(), numpy.random.default_rng().random()
first, second = drawn(), drawn()
seed_everything()
assert first != second and drawn() == first
random.seed(3)
assert random.random() == random.Random(3).random()
print(first, second)
"""


def test_generators_that_seed_themselves_draw_the_same_in_every_process() -> None:
    folder = str(Path(introspect_export.__file__).parent / 'verify')
    command = [sys.executable, '-c', ENTROPY, folder]
    assert len({subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)}) == 1
