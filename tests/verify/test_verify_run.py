"""What is said of sections that no level has run, and what is compared of loops, which none runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from introspect_export.verify.child.config_file import config_file
from introspect_export.verify.child.section_objects import _loops
from introspect_export.verify.verify_facts import LevelCheck, SectionCheck, Verification, has_run

PATHS = ('model', 'train_dataloader.dataset', 'default_hooks.timer', 'default_hooks.logger', 'val_evaluator.0')


def summary(ran: set[str], unbuilt: str = '') -> str:
    """The line about some sections."""
    sections = [SectionCheck(path, True, path != unbuilt, ran=has_run(path, ran)) for path in PATHS]
    return Verification((LevelCheck.of('build', ''),), tuple(sections), ()).summary


@pytest.mark.parametrize(
    ('ran', 'unbuilt', 'said'),
    [
        (set(), '', 'build (5 of 5 sections built)'),
        (set(), 'model', 'build (4 of 5 sections built; 1 run by no level: model)'),
        (
            {'model', 'train_dataloader', 'val_evaluator'},
            'val_evaluator.0',
            'build (4 of 5 sections built; 2 run by no level: default_hooks)',
        ),
        (
            {'model', 'default_hooks.timer'},
            '',
            'build (5 of 5 sections built; 3 run by no level: train_dataloader, default_hooks.logger, val_evaluator)',
        ),
    ],
)
def test_the_summary_names_what_was_built_and_never_ran(ran: set[str], unbuilt: str, said: str) -> None:
    assert summary(ran, unbuilt) == said


class Loop:
    """A loop that keeps what it is given."""

    def __init__(self, **options: Any) -> None:
        self._runner, self.dataloader, self.evaluator = object(), object(), object()
        self.options = options


def test_the_values_of_loops_are_kept_but_for_what_they_are_given() -> None:
    found = list(_loops({'train_cfg': Loop(max_epochs=3), 'optim_wrapper': object()}))
    assert found == [('train_cfg: the loop', [Loop, {'options': {'max_epochs': 3}}])]


@pytest.mark.parametrize('named', ['_base_net.py', 'net.py'])
def test_the_config_of_a_package_is_that_of_its_manifest_however_it_is_named(tmp_path: Path, named: str) -> None:
    """Its name, or that of a folder above, may be like that of a file which others are based on."""
    out = tmp_path / 'my_base_folder'
    (out / 'pack/configs/nets').mkdir(parents=True)
    for name in ('_base_net.py', 'net.py', '__init__.py'):
        (out / 'pack/configs/nets' / name).touch()
    (out / 'manifest.json').write_text(json.dumps({'config': {'name': named.removesuffix('.py')}}))
    assert config_file(out) == out / 'pack/configs/nets' / named
