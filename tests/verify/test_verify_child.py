"""Parts of the processes that verify, by themselves."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mmengine.config import ConfigDict
from mmengine.model import PretrainedInit
from mmengine.registry import MODELS, Registry

from introspect_export.verify.child.names import all_types
from introspect_export.verify.child.role import _kind, _place
from introspect_export.verify.child.state import _untrained


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
    ('number', 'kind'), [(signal.SIGKILL, 'SIGKILL'), (signal.SIGSEGV, 'Killed'), (signal.SIGABRT, 'Killed')]
)
def test_who_ended_a_process(number: int, kind: str) -> None:
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), number)
    assert _kind(os.waitpid(child, 0)[1]) == kind


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
