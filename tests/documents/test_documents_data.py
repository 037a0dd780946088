"""Which files a config expects: joined as mmengine joins them."""

from __future__ import annotations

from typing import Any

import pytest
from mmengine.dataset import BaseDataset

from introspect_export.documents.data_files import DataEntry, data_entries, join, root_option


def paths(dataset: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = data_entries({'train_dataloader': {'dataset': dataset}})
    short = 'train_dataloader.dataset.'
    return [(entry.path, entry.kind, ' '.join(entry.named_in).replace(short, '')) for entry in found]


@pytest.mark.parametrize('root', ['', 'data/things', 'data/things/', '/abs/things'])
@pytest.mark.parametrize('part', ['a.json', 'sub/a.json', '/abs/a.json', 'https://x.org/a', ''])
def test_paths_are_joined_as_mmengine_joins_them(root: str, part: str) -> None:
    dataset = BaseDataset(ann_file=part, data_root=root, data_prefix={'img': part}, lazy_init=True)
    assert dataset.data_prefix['img'] == join(root, part)
    if part:
        assert dataset.ann_file == join(root, part)


def test_annotations_and_folders_of_a_data_set() -> None:
    dataset = {
        'type': 'Things',
        'data_root': 'data/things/',
        'ann_file': 'annotations/train.json',
        'data_prefix': {'img': 'train/', 'seg': 'seg'},
    }
    assert sorted(paths(dataset)) == [
        ('data/things/annotations/train.json', 'file', 'ann_file'),
        ('data/things/seg', 'folder', 'data_prefix.seg'),
        ('data/things/train/', 'folder', 'data_prefix.img'),
    ]


@pytest.mark.parametrize(
    ('dataset', 'expected'),
    [
        ({'data_root': 'data/x'}, [('data/x', 'folder', 'data_root')]),
        ({'ann_file': ''}, []),
        ({'data_root': 'data/x', 'ann_file': ''}, []),
        (
            {'data_root': 'd/', 'ann_file': 'a.txt', 'label_file': 'labels.csv'},
            [('d/a.txt', 'file', 'ann_file'), ('d/labels.csv', 'file', 'label_file')],
        ),
        (
            {'data_root': 'd/', 'ann_file': 'a', 'bbox_file': 'd/boxes.json'},
            [('d/a', 'folder', 'ann_file'), ('d/boxes.json', 'file', 'bbox_file')],
        ),
        ({'proposal_file': None, 'img_suffix': '.jpg', 'backend_args': {'root_dir': '/x/y'}}, []),
        ({'metainfo': {'from_file': 'configs/x.py'}, 'work_dir': 'a/b', 'outfile_prefix': 'a/b'}, []),
    ],
)
def test_other_keys(dataset: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert paths(dataset) == expected


def test_data_sets_inside_of_wrappers_are_found() -> None:
    wrapped = {'type': 'Concat', 'datasets': [{'data_root': 'a'}, {'type': 'Repeat', 'dataset': {'data_root': 'b'}}]}
    assert paths(wrapped) == [
        ('a', 'folder', 'datasets.0.data_root'),
        ('b', 'folder', 'datasets.1.dataset.data_root'),
    ]
    assert root_option({'train_dataloader': {'dataset': wrapped}}) == 'train_dataloader.dataset.datasets.0.data_root'
    assert root_option({'model': {'data_root': 'x'}}) == ''


def test_one_file_named_in_several_places_is_one_entry() -> None:
    loader = {'dataset': {'data_root': 'd', 'ann_file': 'a.json'}}
    config = {
        'val_dataloader': loader,
        'test_dataloader': loader,
        'val_evaluator': [{'ann_file': 'd/a.json'}],
        'model': {'ann_file': 'not/data.json'},
    }
    assert data_entries(config) == [
        DataEntry(
            'd/a.json',
            'file',
            ('val_dataloader.dataset.ann_file', 'test_dataloader.dataset.ann_file', 'val_evaluator.0.ann_file'),
        )
    ]


def test_weights_come_last() -> None:
    config = {
        'load_from': 'https://x.org/w.pth',
        'model': {'backbone': {'init_cfg': {'checkpoint': 'torchvision://resnet50'}}, 'pretrained': None},
        'train_dataloader': {'dataset': {'data_root': 'd'}},
    }
    assert [(entry.path, entry.kind) for entry in data_entries(config, {'e.npz': 'train_dataloader'})] == [
        ('d', 'folder'),
        ('e.npz', 'file'),
        ('https://x.org/w.pth', 'weights'),
        ('torchvision://resnet50', 'weights'),
    ]


def test_files_that_building_tried_to_read_are_listed_once() -> None:
    config = {'val_evaluator': {'type': 'M', 'ann_file': 'data/x.json'}}
    found = data_entries(config, {'data/./x.json': 'val_evaluator', 'data/extra.npz': 'train_dataloader.dataset'})
    assert [(entry.path, entry.named_in) for entry in found] == [
        ('data/x.json', ('val_evaluator.ann_file',)),
        ('data/extra.npz', ('train_dataloader.dataset (asked for when it was built)',)),
    ]


def test_a_prefix_is_no_path_of_its_own() -> None:
    dataset = {'data_root': 'data/ade', 'data_prefix': {'img_path': 'images/training', 'seg_map_path': 'maps/training'}}
    assert sorted(paths(dataset)) == [
        ('data/ade/images/training', 'folder', 'data_prefix.img_path'),
        ('data/ade/maps/training', 'folder', 'data_prefix.seg_map_path'),
    ]
