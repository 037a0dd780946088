"""Synthetic samples for pipelines whose data sets cannot be read."""

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

from introspect_export.tiny_data import TinyData, apply, make_tiny_data, watchdog
from introspect_export.tiny_data.file_requests import RequestLog
from introspect_export.tiny_data.pipeline_samples import leaf_datasets
from introspect_export.tiny_data.sample_values import all_kinds, certain_kinds, likely_kinds
from introspect_export.tiny_data.tracing_mapping import MISSING, OPTIONAL, READ, WRITTEN, Trace, TracingMapping
from introspect_export.tiny_data.watchdog import EndlessError, interrupting

SCOPE = 'givenlib'


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    """Registries of a scope that only these tests use."""
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
    """Reads an unknown format."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('cat', 'dog'), num_keypoints=5, sides=(1, 0))

    def load_data_list(self) -> list[dict[str, Any]]:
        raise ImportError('the reader of this format is not here')

    def read(self) -> dict[str, Any]:
        return dict(gt_label=3, zyx=4)

    def get_data_info(self, idx: int) -> dict[str, Any]:
        return {**super().get_data_info(idx), 'own': len(self.metainfo['classes'])}


class Locked(Closed):
    """Reads in its constructor."""

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
    """Uses keypoints where they are present, and then requires visibilities."""

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
    """Reads a key that suggests nothing, in a way that few all_kinds of value allow."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        return {'first': results['zyx'].reshape(-1, 4)[0, 2]}


class Packs:
    """Iterates over all items, and keeps some keys."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in results.items() if key in ('gt_label', 'note_text', 'img_path')}


class Wants:
    """Accepts no sample."""

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


def test_missing_keys_are_added(tmp_path: Path) -> None:
    made = config('Closed', 'Objects')
    tiny = make_tiny_data(made, tmp_path / 'data', images=3, shape=(40, 60), without_files=True)
    assert tiny.parts == {'train': ''}
    assert 'the reader of this format is not here' in tiny.notes[0]
    found = samples(made, TinyData.from_json(tiny.to_json()))
    assert [one['boxes'].shape for one in found] == [(2, 4)] * 3
    assert {label for one in found for label in one['labels'].tolist()} <= {0, 1}
    assert [one['own'] for one in found] == [2] * 3


def test_synthetic_samples_are_off_by_default(tmp_path: Path) -> None:
    tiny = make_tiny_data(config('Closed', 'Objects'), tmp_path / 'data')
    assert tiny.parts == {'train': 'ImportError: the reader of this format is not here'}


def test_optional_keys_are_added(tmp_path: Path) -> None:
    made = config('Closed', 'Points')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [one['keypoints'].shape for one in found] == [(1, 5, 2)] * 4
    assert [one['keypoints_visible'].shape for one in found] == [(1, 5)] * 4


def test_a_data_set_that_cannot_be_built_gives_its_metainfo(tmp_path: Path) -> None:
    made = config('Locked', 'Solid')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [one['seen'].shape for one in found] == [(5, 3)] * 4
    assert found[0]['sides'] == (1, 0)


def test_kinds_are_tried_where_a_key_suggests_none(tmp_path: Path) -> None:
    made = config('Closed', 'Odd')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert all(np.isfinite(one['first']) for one in found)


def test_every_wrapped_data_set_has_samples(tmp_path: Path) -> None:
    made = config('Closed', 'Objects')
    both = [one.train_dataloader.dataset for one in (made, config('Closed', 'Solid'))]
    made.train_dataloader.dataset = dict(type='Pairs', datasets=both, transform=dict(type='Points'))
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [set(one) for one in found[0]['pair']] == [{'boxes', 'labels', 'own'}, {'seen', 'sides'}]


def test_string_constants_are_keys_where_a_sample_is_iterated_over(tmp_path: Path) -> None:
    made = config('Closed', 'Packs')
    found = samples(made, make_tiny_data(made, tmp_path / 'data', without_files=True))
    assert [set(one) for one in found] == [{'gt_label'}] * 4
    assert all(one['gt_label'] in (0, 1) for one in found)
    made = config('Closed', 'Objects')
    plan = make_tiny_data(made, tmp_path / 'other', without_files=True).overrides[-1].value['plan']
    assert ['gt_label'] not in [path for path, _ in plan]


@pytest.mark.slow
def test_both_reasons_are_reported(tmp_path: Path) -> None:
    tiny = make_tiny_data(config('Closed', 'Wants'), tmp_path / 'data', without_files=True)
    first, _, second = tiny.parts['train'].partition('; ')
    assert first == 'ImportError: the reader of this format is not here'
    assert second.startswith('and with synthetic samples: ValueError: ')
    assert not tiny.notes


def test_leaf_datasets() -> None:
    inner = {'type': 'A'}
    nested = {'type': 'B', 'dataset': {'type': 'C', 'datasets': [inner, {'type': 'D', 'dataset': inner}]}}
    assert list(leaf_datasets(inner, ('dataset',))) == [('dataset',)]
    assert list(leaf_datasets(nested, ())) == [('dataset', 'datasets', 0), ('dataset', 'datasets', 1, 'dataset')]


def test_accesses_are_recorded() -> None:
    trace = Trace()
    sample = TracingMapping({'a': 1, 'b': TracingMapping({}, trace, (0, ('b',)))}, trace, (0, ()))
    with pytest.raises(KeyError):
        sample['b']['c']
    assert sample.get('d', 4) == 4 and 'a' in sample
    sample.update(e=5)
    assert sample.pop('f', 6) == 6 and sample.setdefault('g', 7) == 7
    assert [(event, '.'.join(path)) for event, (_, path) in trace.events] == [
        (READ, 'b'), (MISSING, 'b.c'), (OPTIONAL, 'd'), (READ, 'a'), (WRITTEN, 'e'), (OPTIONAL, 'f'), (OPTIONAL, 'g'),
        (WRITTEN, 'g'),
    ]  # fmt: skip


def test_the_last_word_of_a_key_counts_most() -> None:
    assert likely_kinds('img_path')[0] == 'file'
    assert likely_kinds('keypoints_visible')[0] == 'visible'
    assert likely_kinds('bbox_label')[0] == 'label'
    assert likely_kinds('num_frames')[0] == 'one'
    assert likely_kinds('zyx') == () and likely_kinds('gt_channel_order') == ('picture',)
    assert certain_kinds('gt_channel_order') == () and certain_kinds('gt_label') == likely_kinds('gt_label')
    assert set(all_kinds('zyx')) == set(all_kinds('img_path'))


def test_an_endless_loop_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, 'LIMIT', 0.05)
    log = RequestLog(lambda path: False, lambda request: None)
    with pytest.raises(EndlessError), interrupting(log):
        while True:
            pass
