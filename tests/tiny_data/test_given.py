"""Samples for pipelines whose data sets cannot be read: found out by what the pipelines ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.fileio import get
from mmengine.registry import DATASETS, TRANSFORMS, DefaultScope, Registry, init_default_scope

from introspect_export.tiny_data import TinyData, apply, endless, make_tiny_data
from introspect_export.tiny_data.asked import MISSING, OFFERED, READ, WRITTEN, Asked, Trace
from introspect_export.tiny_data.endless import EndlessError, ending
from introspect_export.tiny_data.growth import readers
from introspect_export.tiny_data.values import kinds, surely, told
from introspect_export.tiny_data.watch import Watch

SCOPE = 'givenlib'


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    """Registries of a scope of our own, which nobody else sees."""
    for parent, classes in (
        (DATASETS, (Closed, Locked, Pairs)),
        (TRANSFORMS, (Objects, Points, Solid, Odd, Packs, Wants)),
    ):
        registry = Registry(parent.name, scope=SCOPE, parent=parent)
        for one in classes:
            registry.register_module(module=one)
    init_default_scope(SCOPE)
    yield
    for parent in (DATASETS, TRANSFORMS):
        parent.children.pop(SCOPE)
    DefaultScope._instance_dict.clear()


class Closed(BaseDataset):
    """Reads a format that nobody knows."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('cat', 'dog'), num_keypoints=5, sides=(1, 0))

    def load_data_list(self) -> list[dict[str, Any]]:
        raise ImportError('the reader of this format is not here')

    def read(self) -> dict[str, Any]:
        return dict(gt_label=3, zyx=4)

    def get_data_info(self, idx: int) -> dict[str, Any]:
        return {**super().get_data_info(idx), 'own': len(self.metainfo['classes'])}


class Locked(Closed):
    """Reads when it is made."""

    def __init__(self, **options: Any) -> None:
        raise ImportError('nor can it be made')


class Pairs:
    """Gives the sum of two data sets' samples to a pipeline of its own."""

    def __init__(self, datasets: list[Any], transform: Any) -> None:
        self.datasets = [DATASETS.build(one) for one in datasets]
        self.transform = TRANSFORMS.build(transform)

    def __len__(self) -> int:
        return len(self.datasets[0])

    def __getitem__(self, index: int) -> Any:
        return self.transform({'pair': [one[index] for one in self.datasets]})


class Objects:
    """Reads an image and the objects on it."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        assert get(results['img_path'])
        boxes = np.array([one['bbox'] for one in results['instances']], np.float32)
        labels = np.array([one['bbox_label'] for one in results['instances']], np.int64)
        return {'boxes': boxes, 'labels': labels, 'own': results.get('own', 0)}


class Points:
    """Takes keypoints where they are, and refuses to do without visibilities then."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        results['seen'] = 1
        if 'keypoints' in results and 'seen' in results:
            assert results['keypoints'].shape == (*results['keypoints_visible'].shape, 2)
        return results


class Solid:
    """Looks at keypoints in space through a camera."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        camera = results['camera_param']
        seen = results['keypoints_3d'][0] @ camera['R'] + camera['T'].T
        return {'seen': seen, 'sides': results['sides']}


class Odd:
    """Asks under a key that tells nothing, for what no other kind of value can do."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        return {'first': results['zyx'].reshape(-1, 4)[0, 2]}


class Packs:
    """Packs whatever is there under the keys that it knows, asking for none of them."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in results.items() if key in ('gt_label', 'note_text', 'img_path')}


class Wants:
    """Wants what is not to be had."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(f'{results["img_path"]} is not good enough')


def config(kind: str, *pipeline: str) -> Config:
    dataset = dict(type=kind, ann_file='a.xyz', pipeline=[dict(type=one) for one in pipeline])
    sampler = dict(type='DefaultSampler', shuffle=False)
    loader = dict(batch_size=2, num_workers=2, sampler=sampler, dataset=dataset, collate_fn=dict(type='pseudo_collate'))
    return Config(dict(train_dataloader=loader))


def samples(made: Config, tiny: TinyData) -> list[Any]:
    dataset = DATASETS.build(apply(Config(made.to_dict()), tiny.overrides).train_dataloader.dataset)
    return [dataset[index] for index in range(len(dataset))]


def test_a_pipeline_is_given_what_it_reads(tmp_path: Path) -> None:
    made = config('Closed', 'Objects')
    tiny = make_tiny_data(made, tmp_path / 'data', images=3, shape=(40, 60), without_files=True)
    assert tiny.parts == {'train': ''}
    assert 'the reader of this format is not here' in tiny.notes[0]
    found = samples(made, TinyData.from_json(tiny.to_json()))
    assert [one['boxes'].shape for one in found] == [(2, 4)] * 3
    assert {label for one in found for label in one['labels'].tolist()} <= {0, 1}
    assert [one['own'] for one in found] == [2] * 3


def test_without_being_told_to_nothing_is_given(tmp_path: Path) -> None:
    tiny = make_tiny_data(config('Closed', 'Objects'), tmp_path / 'data')
    assert tiny.parts == {'train': 'ImportError: the reader of this format is not here'}


def test_what_is_taken_where_it_is_offered_is_given_too(tmp_path: Path) -> None:
    made = config('Closed', 'Points')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [one['keypoints'].shape for one in found] == [(1, 5, 2)] * 4
    assert [one['keypoints_visible'].shape for one in found] == [(1, 5)] * 4


def test_a_data_set_that_cannot_be_made_lends_its_description(tmp_path: Path) -> None:
    made = config('Locked', 'Solid')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [one['seen'].shape for one in found] == [(5, 3)] * 4
    assert found[0]['sides'] == (1, 0)


def test_kinds_are_tried_where_a_key_tells_nothing(tmp_path: Path) -> None:
    made = config('Closed', 'Odd')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert all(np.isfinite(one['first']) for one in found)


def test_every_data_set_inside_of_another_is_given_samples(tmp_path: Path) -> None:
    made = config('Closed', 'Objects')
    both = [one.train_dataloader.dataset for one in (made, config('Closed', 'Solid'))]
    made.train_dataloader.dataset = dict(type='Pairs', datasets=both, transform=dict(type='Points'))
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [set(one) for one in found[0]['pair']] == [{'boxes', 'labels', 'own'}, {'seen', 'sides'}]


def test_what_a_data_set_names_is_given_to_who_takes_whatever_is_there(tmp_path: Path) -> None:
    made = config('Closed', 'Packs')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [set(one) for one in found] == [{'gt_label'}] * 4
    assert all(one['gt_label'] in (0, 1) for one in found)
    made = config('Closed', 'Objects')
    plan = make_tiny_data(made, tmp_path / 'other', without_files=True).overrides[-1].value['plan']
    assert ['gt_label'] not in [path for path, _ in plan]


def test_why_nothing_helps_is_said(tmp_path: Path) -> None:
    tiny = make_tiny_data(config('Closed', 'Wants'), tmp_path / 'data', without_files=True)
    first, _, second = tiny.parts['train'].partition('; ')
    assert first == 'ImportError: the reader of this format is not here'
    assert second.startswith('and where its pipeline is given what it asks for: ValueError: ')
    assert not tiny.notes


def test_where_data_sets_are() -> None:
    inner = {'type': 'A'}
    nested = {'type': 'B', 'dataset': {'type': 'C', 'datasets': [inner, {'type': 'D', 'dataset': inner}]}}
    assert list(readers(inner, ('dataset',))) == [('dataset',)]
    assert list(readers(nested, ())) == [('dataset', 'datasets', 0), ('dataset', 'datasets', 1, 'dataset')]


def test_what_is_asked_for_is_taken_down() -> None:
    trace = Trace()
    asked = Asked({'a': 1, 'b': Asked({}, trace, (0, ('b',)))}, trace, (0, ()))
    with pytest.raises(KeyError):
        asked['b']['c']
    assert asked.get('d', 4) == 4 and 'a' in asked
    asked.update(e=5)
    assert asked.pop('f', 6) == 6 and asked.setdefault('g', 7) == 7
    assert [(event, '.'.join(path)) for event, (_, path) in trace.events] == [
        (READ, 'b'), (MISSING, 'b.c'), (OFFERED, 'd'), (READ, 'a'), (WRITTEN, 'e'), (OFFERED, 'f'), (OFFERED, 'g'),
        (WRITTEN, 'g'),
    ]  # fmt: skip


def test_the_last_word_of_a_key_says_the_most() -> None:
    assert told('img_path')[0] == 'file'
    assert told('keypoints_visible')[0] == 'visible'
    assert told('bbox_label')[0] == 'label'
    assert told('num_frames')[0] == 'one'
    assert told('zyx') == () and told('gt_channel_order') == ('picture',)
    assert surely('gt_channel_order') == () and surely('gt_label') == told('gt_label')
    assert set(kinds('zyx')) == set(kinds('img_path'))


def test_what_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endless, 'LONGEST', 0.05)
    watch = Watch(lambda path: False, lambda ask: None)
    with pytest.raises(EndlessError), ending(watch):
        while True:
            pass
