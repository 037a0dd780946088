"""What is built of a config, in which order registries are asked, and what is told where that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from introspect_export.load import load_config
from introspect_export.model.diagnostics import ExportError
from introspect_export.model.observation import BuildEvent, Observation
from introspect_export.observe import observe_config

BIRDS = 'aviary.birds'


def event(observation: Observation, path: str) -> BuildEvent:
    (found,) = [one for one in observation.events if one.path == path]
    return found


def test_every_section_is_built_by_itself(parrot: Observation) -> None:
    built = {section.path: section.reason for section in parrot.sections}
    assert built == {
        'model': '',
        'visualizer': '',
        'train_dataloader.dataset': '',
        'train_dataloader.sampler': '',
        'train_dataloader.collate_fn': '',
        'train_dataloader': '',
        'val_dataloader.dataset': 'needs data/index.json, which is not here',
        'val_dataloader.sampler': '',
        'val_dataloader.collate_fn': '',
        'val_dataloader': '',
        'val_evaluator.0': 'needs nowhere.json, which is not here',
        'val_evaluator.1': '',
        'default_hooks.timer': '',
        'custom_hooks.0': '',
        'custom_hooks.1': built['custom_hooks.1'],
        'log_processor': '',
        'optim_wrapper': '',
        'train_cfg': '',
        'val_cfg': '',
        'param_scheduler': '',
    }
    assert 'NoSuchHook' in built['custom_hooks.1']
    assert {one.path for one in parrot.sections if not one.built} == {path for path, why in built.items() if why}


def test_events_have_the_path_in_the_config(parrot: Observation) -> None:
    model = event(parrot, 'model')
    assert (model.kind, model.type_text, model.asked, model.parent) == ('build', 'Parrot', 'mmengine::model#1', None)
    assert model.entry is not None and model.entry.registry == 'aviary::model#1'
    body = event(parrot, 'model.body')
    assert (body.parent, str(body.caller)) == (model.index, f'{BIRDS}:Bird.__init__')
    assert str(body.target) == 'torch.nn.modules.linear:Linear'
    assert str(event(parrot, 'train_dataloader.dataset.pipeline.0').target) == 'aviary.data:Look'
    assert event(parrot, 'custom_hooks.1').error.startswith('KeyError')


def test_a_copied_dict_has_the_path_of_its_original(parrot: Observation) -> None:
    wings = [one for one in parrot.events if one.type_text == 'Wing']
    assert [one.path for one in wings] == ['model.wing', 'model.wing']


def test_what_code_made_has_no_path(parrot: Observation) -> None:
    (song,) = [one for one in parrot.events if one.type_text == 'aviary.Song']
    assert song.path == ''
    assert song.entry is not None and (song.entry.registry, song.entry.key) == ('aviary::model#1', 'Song')


def test_what_was_not_built_is_resolved(parrot: Observation) -> None:
    look = event(parrot, 'val_dataloader.dataset.pipeline.0')
    assert (look.kind, look.caller, str(look.target)) == ('get', None, 'aviary.data:Look')
    average = event(parrot, 'custom_hooks.0.ema_type')
    assert average.entry is not None and average.entry.key == 'Average'
    how = {one.symbol.qualname: one.how for one in parrot.classes}
    assert how['Average'] == how['Broken'] == 'resolved'
    assert event(parrot, 'other').caller is None


def test_classes_with_instances(parrot: Observation) -> None:
    seen = {str(one.symbol): (one.how, one.path, one.instances) for one in parrot.classes}
    assert seen == {
        f'{BIRDS}:Parrot': ('built', 'model', 1),
        'aviary.wings:Wing': ('built', 'model.wing', 2),
        f'{BIRDS}:Song': ('built', 'model', 1),
        'aviary.data:Sightings': ('built', 'train_dataloader.dataset', 1),
        'aviary.data:Look': ('built', 'train_dataloader.dataset.pipeline.0', 1),
        'aviary.data:gather': ('built', 'train_dataloader.collate_fn', 0),
        'aviary.data:Broken': ('resolved', 'val_dataloader.dataset', 0),
        'aviary.metrics:Count': ('built', 'val_evaluator.0', 1),
        f'{BIRDS}:Average': ('resolved', 'custom_hooks.0.ema_type', 0),
        f'{BIRDS}:Plumage': ('found', 'model.plumage', 1),
        f'{BIRDS}:Feather': ('found', 'model.plumage._feathers.0', 2),
    }


def test_files_that_were_opened(parrot: Observation, project: Path) -> None:
    (colours,) = parrot.resources
    assert (colours.package, colours.path) == ('aviary', 'data/colours.txt')
    assert colours.file == str(project / 'aviary/data/colours.txt')
    assert [module for module, _ in colours.readers[0]] == [BIRDS]


FLOCKS = """
import os
from mmengine.dataset import BaseDataset
from mmengine.registry import build_from_cfg
from aviary.registry import DATASETS

@DATASETS.register_module()
class Flocks(BaseDataset):
    def __init__(self, datasets):
        self.all = [build_from_cfg(one, DATASETS) for one in datasets]

@DATASETS.register_module()
class Late(BaseDataset):
    text = 'flocks.txt'

    def __init__(self):
        raise FileNotFoundError('no data')

    @classmethod
    def _load_metainfo(cls, metainfo=None):
        with open(os.path.join(os.path.dirname(__file__), 'data', cls.text)) as file:
            return dict(classes=file.read().split())

@DATASETS.register_module()
class Later(Late):
    text = 'unused.txt'
"""


def test_files_that_describe_data_sets_that_were_not_come_to(project: Path) -> None:
    (project / 'aviary/flocks.py').write_text(FLOCKS)
    (project / 'aviary/data/flocks.txt').write_text('raven crow')
    several = "dict(type='Flocks', datasets=[dict(type='Late'), dict(type='Later')])"
    (project / 'configs/flocks.py').write_text(
        "_base_ = 'parrot.py'\ncustom_imports = dict(imports=['aviary.flocks'])\n"
        f'train_dataloader = dict(dataset=dict(_delete_=True, **{several}))\n'
    )
    seen = observe_config(load_config(project / 'configs/flocks.py'))
    assert {one.path for one in seen.resources} >= {'data/flocks.txt', 'data/unused.txt'}


def test_facts_about_the_config(parrot: Observation, project: Path) -> None:
    assert parrot.config_file == str(project / 'configs/parrot.py')
    assert (parrot.name, parrot.scope) == ('parrot', 'aviary')
    assert 'aviary' in parrot.origins and 'mmengine' not in parrot.origins
    assert parrot.config['custom_hooks'][0] == {'type': 'EMAHook', 'ema_type': 'Average', 'priority': 49}
    assert type(parrot.config['model']) is dict
    assert {'torch', 'mmengine'} <= set(parrot.versions)


def test_registries_and_entries(parrot: Observation) -> None:
    models = parrot.registries['aviary::model#1']
    assert [str(one) for one in models.symbols] == [
        'aviary.registry:MODELS',
        'aviary.birds:MODELS',
        'aviary.names:ANIMALS',
        'aviary.names:MODELS',
    ]
    assert (models.parent, models.origin, models.locations) == ('mmengine::model#1', True, ('aviary.birds',))
    assert parrot.registries['aviary::wing#1'].parent is None
    line = event(parrot, 'model.body').entry
    assert line is not None
    assert (line.registry, line.origin, line.registrars) == ('aviary::model#1', False, ())
    assert line.registered is not None and line.registered[0] == BIRDS
    timer = event(parrot, 'default_hooks.timer').entry
    assert timer is not None and timer.registrars == ()


def test_only_the_model(project: Path) -> None:
    seen = observe_config(load_config(project / 'configs/parrot.py'), model_only=True)
    assert [section.path for section in seen.sections] == ['model']
    assert 'Look' not in {one.symbol.qualname for one in seen.classes}


def test_progress_names_the_sections(project: Path) -> None:
    said: list[str] = []
    observe_config(load_config(project / 'configs/parrot.py'), model_only=True, progress=said.append)
    assert said == ['model', 'facts']


def test_types_given_as_classes(project: Path) -> None:
    text = 'from aviary.birds import Parrot\nfrom aviary.wings import Wing\nfrom torch.nn import Linear\n'
    text += "default_scope = 'aviary'\n"
    text += 'model = dict(type=Parrot, wing=dict(type=Wing), body=dict(type=Linear, in_features=2, out_features=3))\n'
    (project / 'configs/lazy.py').write_text(text)
    seen = observe_config(load_config(project / 'configs/lazy.py'))
    model = event(seen, 'model')
    assert (model.type_text, str(model.target), model.entry) == ('aviary.birds.Parrot', 'aviary.birds:Parrot', None)
    assert seen.config['model']['body']['type'] == 'torch.nn.modules.linear.Linear'
    assert {one.symbol.qualname for one in seen.classes} >= {'Parrot', 'Wing', 'Feather'}


def failure(project: Path, **options: object) -> str:
    with pytest.raises(ExportError) as caught:
        observe_config(load_config(project / 'configs/parrot.py', options=options))
    return str(caught.value)


def test_an_unknown_type_says_where_it_was_looked_for(project: Path) -> None:
    lines = failure(project, **{'model.body.type': 'Lime'}).splitlines()
    assert lines == [
        "model.body.type: no registry knows the type 'Lime'",
        '  searched, in this order: aviary::model, mmengine::model',
        '  near names: Line, Lion' if 'Lion' in lines[2] else lines[2],
        "  if a module registers it, add: custom_imports = dict(imports=['module_that_defines_it'], "
        'allow_failed_imports=False)',
    ]
    assert 'Line' in lines[2]


def test_an_unknown_scope_says_that_the_package_is_missing(project: Path) -> None:
    assert "the package 'mmbirds' is not installed here" in failure(project, **{'model.type': 'mmbirds.Parrot'})


def test_a_model_that_fails_says_where(project: Path) -> None:
    message = failure(project, **{'model.body.in_features': 'two'})
    assert message.startswith('model: cannot be built: TypeError: ')
    assert message.endswith('(while building Line at model.body)')


def test_an_import_that_fails_is_told(project: Path) -> None:
    message = failure(project, custom_imports={'imports': ['aviary.penguins'], 'allow_failed_imports': False})
    assert 'aviary.penguins' in message and 'PYTHONPATH' in message
