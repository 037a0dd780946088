"""Each object of every section, with the arguments of its constructor and where they come from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from introspect_export.load import load_config
from introspect_export.model import ObjectFacts
from introspect_export.observe import observe_config


@pytest.fixture(scope='module')
def objects(project: Path) -> dict[str, ObjectFacts]:
    """The objects of the project's config, by path."""
    seen = observe_config(load_config(project / 'configs/parrot.py'), objects=True)
    return {each.path: each for each in seen.objects}


def told(facts: ObjectFacts) -> dict[str, tuple[str, str, str]]:
    return {each.name: (each.text, each.source, each.config_path) for each in facts.arguments}


def test_every_object_s_arguments_are_known(objects: dict[str, ObjectFacts]) -> None:
    assert [path for path, each in objects.items() if not each.known] == []


def test_objects_that_neither_a_registry_nor_a_module_made(objects: dict[str, ObjectFacts], project: Path) -> None:
    plumage, red, blue = (objects[f'model.plumage{each}'] for each in ('', '._feathers.0', '._feathers.1.tail'))
    assert (told(plumage), plumage.maker and plumage.maker.qualname) == ({}, 'Bird.__init__')
    assert told(red) == {'colour': ("'red'", 'code', '')}
    assert told(blue) == {'colour': ("'blue'", 'code', '')}
    assert str(red.maker) == 'aviary.birds:Plumage.__init__' and str(red.within) == 'aviary.birds:Bird.__init__'
    text = (project / 'aviary/birds.py').read_text().splitlines()
    assert red.place is not None and "Feather('red')" in text[red.place.line - 1]


def test_a_section_that_the_runner_makes_of_the_config(objects: dict[str, ObjectFacts]) -> None:
    loader = told(objects['train_dataloader'])
    assert loader['batch_size'] == ('2', 'config', 'train_dataloader.batch_size')
    # Nothing is loaded here, so no worker is started; the runner starts them.
    assert loader['num_workers'] == ('2', 'config', 'train_dataloader.num_workers')
    assert loader['persistent_workers'] == ('True', 'config', 'train_dataloader.persistent_workers')
    assert loader['drop_last'] == ('False', 'default', '')
    assert told(objects['log_processor'])['window_size'] == ('5', 'config', 'log_processor.window_size')
    assert told(objects['train_cfg'])['max_iters'] == ('10', 'config', 'train_cfg.max_iters')
    hook = told(objects['custom_hooks.0'])
    assert hook['ema_type'] == ("'Average'", 'config', 'custom_hooks.0.ema_type')


def test_under_somebody_s_profiler_the_makers_are_not_known(project: Path) -> None:
    def profile(frame: Any, event: str, argument: Any) -> None:
        """Measure nothing."""

    sys.setprofile(profile)
    try:
        seen = observe_config(load_config(project / 'configs/parrot.py'), model_only=True, objects=True)
    finally:
        sys.setprofile(None)
    objects = {each.path: each for each in seen.objects}
    assert objects['model.plumage._feathers.0'].known is False
    assert told(objects['model'])['wing'][1:] == ('config', 'model.wing')
    assert 'IE-NOT-WATCHED' in [each.code for each in seen.diagnostics]
