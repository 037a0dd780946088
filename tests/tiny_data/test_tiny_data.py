"""Tiny data for test data sets, each of which reads a format by its own code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS, METRICS, TRANSFORMS, DefaultScope, Registry, init_default_scope
from tiny_sets import (
    Actions,
    Boxes,
    Broken,
    Captures,
    Choose,
    Clips,
    Counted,
    Digits,
    Drawn,
    Early,
    FileMetric,
    Films,
    LargeEnough,
    Listed,
    Lucky,
    Maps,
    MaybeLabelled,
    Numbered,
    Odd,
    Panoptic,
    People,
    Read,
    Scenes,
    Skeletons,
    Words,
)

from introspect_export.tiny_data import TinyData, apply, make_tiny_data, watchdog

SCOPE = 'tinylib'
PARTS = ('train', 'val')
DATA_SETS = (
    Actions, Boxes, Panoptic, Drawn, Maps, Clips, MaybeLabelled, Numbered, Counted, People, Early, Lucky, Captures,
    Broken, Listed, Odd, Digits, Words, Films, Skeletons, Scenes,
)  # fmt: skip


@pytest.fixture(autouse=True)
def scope() -> Iterator[None]:
    """Registries of a scope that only these tests use."""
    for parent, classes in (
        (DATASETS, DATA_SETS),
        (TRANSFORMS, (Read, LargeEnough, Choose)),
        (METRICS, (FileMetric,)),
    ):
        registry = Registry(parent.name, scope=SCOPE, parent=parent)
        for one in classes:
            registry.register_module(module=one)
    init_default_scope(SCOPE)
    yield
    for parent in (DATASETS, TRANSFORMS, METRICS):
        parent.children.pop(SCOPE)
    DefaultScope._instance_dict.clear()


def loader(kind: str, pipeline: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    dataset = dict(type=kind, pipeline=pipeline or [dict(type='Read')], **more)
    return dict(batch_size=8, num_workers=4, persistent_workers=True, dataset=dataset)


def boxes(**more: Any) -> dict[str, Any]:
    return loader('Boxes', data_root='data/things/', ann_file='notes/a.json', data_prefix=dict(img='images/'), **more)


def maps() -> dict[str, Any]:
    prefix = dict(img_path='photos/train', seg_map_path='labels/train')
    return loader('Maps', data_root='data/streets', data_prefix=prefix)


def files(folder: str | Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(Path(folder).rglob('*')) if one.is_file()}


def samples(config: Config, made: TinyData, part: str = 'train') -> list[Any]:
    changed = apply(Config(config.to_dict()), made.overrides)
    dataset = DATASETS.build(changed[f'{part}_dataloader'].dataset)
    return [dataset[index] for index in range(len(dataset))]


def test_boxes_are_annotated_for_the_classes_of_the_data_set(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=boxes()))
    made = make_tiny_data(config, tmp_path / 'data', images=3, shape=(40, 60))
    assert made.parts == {'train': ''}
    found = samples(config, made)
    assert [one['img'].shape for one in found] == [(40, 60, 3)] * 3
    assert all(one['size'] == (40, 60) and len(one['boxes']) == 2 for one in found)
    assert {label for one in found for label in one['labels']} <= {0, 1, 2}
    assert sorted(files(tmp_path / 'data')) == [
        'data/things/images/000000.jpg',
        'data/things/images/000001.jpg',
        'data/things/images/000002.jpg',
        'data/things/notes/a.json',
    ]


def test_a_word_of_the_meta_information_is_no_file(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=boxes(metainfo=dict(task='images'))))
    made = make_tiny_data(config, tmp_path / 'data')
    assert made.parts == {'train': ''}
    assert 'img' not in {one.path[-1] for one in made.overrides}
    assert len(samples(config, made)) == 4


def test_images_that_were_not_drawn_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = boxes()
    loader['dataset']['type'] = 'Drawn'
    config = Config(dict(train_dataloader=loader))
    made = make_tiny_data(config, tmp_path / 'data', images=3, shape=(40, 60))
    assert made.parts == {'train': ''}
    monkeypatch.setattr(Drawn, 'last', True)
    assert [one['img'].shape for one in samples(config, made)] == [(40, 60, 3)] * 3


def test_label_maps_fit_their_images(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=maps()))
    made = make_tiny_data(config, tmp_path / 'data', shape=(40, 60))
    found = samples(config, made)
    assert len(found) == 4
    for one in found:
        assert one['img'].shape == (40, 60, 3)
        assert one['seg_map'].shape == (40, 60)
        assert one['seg_map'].max() <= 2
    assert 'data/streets/labels/train/000003_labels.png' in files(tmp_path / 'data')


def test_objects_are_of_classes_that_have_some(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=loader('Panoptic', ann_file='panoptic.json')))
    made = make_tiny_data(config, tmp_path / 'data')
    assert made.parts == {'train': ''}
    assert all(any(one['things']) for one in samples(config, made))


def test_an_evaluator_reads_the_annotations_of_its_data_set(tmp_path: Path) -> None:
    evaluator = [dict(type='FileMetric', ann_file='data/things/notes/a.json')]
    config = Config(dict(val_dataloader=boxes(), val_evaluator=evaluator))
    made = make_tiny_data(config, tmp_path / 'data')
    assert not made.notes
    changed = apply(Config(config.to_dict()), made.overrides)
    assert METRICS.build(changed.val_evaluator[0]).images == 4
    assert changed.val_evaluator[0].ann_file == f'{tmp_path}/data/data/things/notes/a.json'


def test_images_grow_until_the_pipeline_takes_them(tmp_path: Path) -> None:
    pipeline = [dict(type='Read'), dict(type='LargeEnough')]
    config = Config(dict(train_dataloader=boxes(pipeline=pipeline)))
    made = make_tiny_data(config, tmp_path / 'data', shape=(64, 128))
    found = samples(config, made)
    assert [one['img'].shape for one in found] == [(256, 256, 3)] * 4
    assert found[0]['size'] == (256, 256)


@pytest.mark.parametrize('refuses', [False, True])
def test_clips_grow_until_the_pipeline_comes_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    monkeypatch.setattr(watchdog, 'LIMIT', 0.2)
    pipeline = [dict(type='Choose', refuses=refuses)]
    config = Config(dict(train_dataloader=loader('Clips', pipeline, ann_file='clips.txt', data_prefix=dict(img='c'))))
    made = make_tiny_data(config, tmp_path / 'data', shape=(8, 16))
    assert made.parts == {'train': ''}
    assert len(samples(config, made)) == 4
    assert len(list((tmp_path / 'data' / 'c' / '000000').iterdir())) == 32


def test_all_frames_that_may_be_drawn_exist(tmp_path: Path) -> None:
    prefix = dict(img='low', gt='high')
    config = Config(dict(train_dataloader=loader('Numbered', ann_file='clips.txt', data_prefix=prefix)))
    made = make_tiny_data(config, tmp_path / 'data', images=2, shape=(8, 16))
    assert made.parts == {'train': ''}
    for _ in range(20):
        assert samples(config, made) == [[b'PNG'] * 24] * 2
    assert {path.name for path in (tmp_path / 'data' / 'low' / '000000').iterdir()} == {
        f'{number:08d}.png' for number in range(16)
    }


@pytest.mark.slow
def test_all_frames_of_a_clip_that_is_not_listed_exist(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=loader('Counted', ann_file='clips.txt', data_prefix=dict(img='clips'))))
    made = make_tiny_data(config, tmp_path / 'data', images=2, shape=(8, 16))
    assert made.parts == {'train': ''}
    for _ in range(50):
        assert samples(config, made) == [b'PNG'] * 2


def test_there_are_more_people_where_there_are_more_images(tmp_path: Path) -> None:
    dataset = dict(type='People', ann_file='who.txt', data_root='people', data_prefix=dict(img='images'))
    dataset['pipeline'] = [dict(type='Read')]
    config = Config(dict(train_dataloader=dict(dataset=dataset)))
    made = make_tiny_data(config, tmp_path / 'data', shape=(40, 60))
    assert made.parts == {'train': ''}
    assert len({one['person'] for one in samples(config, made)}) >= 5


def test_motion_captures_are_seen_through_their_camera(tmp_path: Path) -> None:
    prefix = dict(cameras='cameras.pkl', factors='factors.npy', found='found/joints.npy')
    config = Config(dict(train_dataloader=loader('Captures', ann_file='frames.npz', data_prefix=prefix)))
    made = make_tiny_data(config, tmp_path / 'data')
    assert made.parts == {'train': ''}
    found = samples(config, made)
    assert len(found) > 243 and max(one['error'] for one in found) < 0.1


def test_lists_have_labels_where_these_are_optional(tmp_path: Path) -> None:
    config = Config(
        dict(train_dataloader=loader('MaybeLabelled', ann_file='images.txt', data_prefix=dict(img='images')))
    )
    made = make_tiny_data(config, tmp_path / 'data')
    assert made.parts == {'train': ''}
    found = samples(config, made)
    assert {one['img'] for one in found} == {b'\xd8\xff\xe0'}  # JPEG
    assert {one['label'] for one in found} == {0, 1}


def test_actions_are_of_persons_in_seconds_of_clips(tmp_path: Path) -> None:
    files = dict(ann_file='actions.csv', excluded='excluded.csv', data_prefix=dict(img='frames'))
    config = Config(dict(train_dataloader=loader('Actions', **files)))
    made = make_tiny_data(config, tmp_path / 'data', images=2, shape=(8, 16))
    assert made.parts == {'train': ''}
    for _ in range(10):
        found = samples(config, made)
        assert [(one['clip'], one['person'], one['action']) for one in found] == [
            ('000000', 0, 1),
            ('000000', 1, 1),
            ('000001', 0, 2),
            ('000001', 1, 2),
        ]
        assert all(one['frames'] == [b'PNG'] * 16 for one in found)
    for left, top, right, bottom in (one['box'] for one in found):
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def test_a_list_that_wants_them_is_of_videos(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=loader('Films', ann_file='films.csv', data_prefix=dict(video='films'))))
    made = make_tiny_data(config, tmp_path / 'data', images=2, shape=(32, 48))
    assert made.parts == {'train': ''}
    found = samples(config, made)
    assert [one['label'] for one in found] == [0, 0] and found[0]['video'] != found[1]['video']
    (tmp_path / 'film.avi').write_bytes(found[0]['video'])
    film = cv2.VideoCapture(str(tmp_path / 'film.avi'))
    frames = [frame for done, frame in iter(film.read, (False, None)) if done]
    assert {frame.shape for frame in frames} == {(32, 48, 3)} and len(frames) == 48
    assert not np.array_equal(frames[0], frames[24])


def test_skeletons_are_in_every_split(tmp_path: Path) -> None:
    both = {f'{part}_dataloader': loader('Skeletons', ann_file='clips.pkl', split=part, pipeline=[]) for part in PARTS}
    made = make_tiny_data(Config(both), tmp_path / 'data', images=2)
    assert made.parts == dict.fromkeys(PARTS, '')
    first, second = (samples(Config(both), made, part) for part in PARTS)
    assert [one['frame_dir'] for one in first] == [one['frame_dir'] for one in second] == ['000000', '000001']


def test_points_have_classes_and_scenes_objects_of_each(tmp_path: Path) -> None:
    scenes = loader('Scenes', data_root='data', ann_file='scenes.pkl', data_prefix=dict(pts='points', mask='mask'))
    scenes['dataset'].update(metainfo=dict(classes=('car', 'cat')), pipeline=[])
    config = Config(dict(train_dataloader=scenes))
    made = make_tiny_data(config, tmp_path / 'data', images=2)
    assert made.parts == {'train': ''}
    for one in samples(config, made):
        assert one['cloud'].shape[1] == 4 and np.isfinite(one['cloud']).all()
        assert set(one['labels']) == {0, 1}
        # Numbered as the class of the data set does, which knows a class more than it uses.
        assert [each['bbox_label_3d'] for each in one['objects']] == [1, 2]
        centre, size = np.array(one['objects'][0]['bbox_3d'][:3]), np.array(one['objects'][0]['bbox_3d'][3:6])
        inside = (abs(one['cloud'][:, :3] - centre) <= size / 2 + 1e-4).all(axis=1)
        assert inside.sum() >= one['objects'][0]['num_lidar_pts']


def test_words_are_written_one_on_an_image(tmp_path: Path) -> None:
    words = loader('Words', data_root='data/words/', ann_file='labels.json', data_prefix=dict(img_path='images/'))
    config = Config(dict(train_dataloader=words))
    made = make_tiny_data(config, tmp_path / 'data', images=3, shape=(40, 60))
    assert made.parts == {'train': ''}
    assert len(files(tmp_path / 'data')) == 4
    reader = apply(Config(config.to_dict()), made.overrides).train_dataloader.dataset
    reader.update(pipeline=[])
    found = DATASETS.build(reader)
    assert [(found[index]['word'], len(found[index]['outline'])) for index in range(3)] == [('thing', 16)] * 3


def test_data_sets_of_one_class_read_one_format(tmp_path: Path) -> None:
    sets = [
        dict(type='Words', data_root=f'data/{one}/', ann_file='labels.json', data_prefix=dict(img_path='images/'))
        for one in range(25)
    ]
    config = Config(dict(train_dataloader=dict(dataset=dict(type='ConcatDataset', datasets=sets))))
    made = make_tiny_data(config, tmp_path / 'data', images=2, shape=(40, 60))
    assert made.parts == {'train': ''}
    assert [one['word'] for one in samples(config, made)] == ['thing'] * 50


def test_arrays_behind_their_shape_are_of_grey_images_and_their_classes(tmp_path: Path) -> None:
    digits = dict(type='Digits', data_prefix=dict(root='data/digits'), pipeline=[])
    config = Config(dict(train_dataloader=dict(batch_size=2, dataset=digits)))
    made = make_tiny_data(config, tmp_path / 'data', images=3, shape=(28, 28))
    assert made.parts == {'train': ''}
    found = samples(config, made)
    assert [(one['img'].shape, one['gt_label']) for one in found] == [((28, 28), 0), ((28, 28), 1), ((28, 28), 2)]
    assert len({one['img'].tobytes() for one in found}) == 3


def test_annotations_are_rewritten_for_a_data_set_that_reads_before_it_declares_its_keypoints(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=loader('Early', ann_file='joints.json')))
    found = samples(config, make_tiny_data(config, tmp_path / 'data'))
    assert [len(one['seventh']) for one in found] == [3] * 4


def test_annotations_are_rewritten_although_it_works_without(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=loader('Lucky', ann_file='joints.npz')))
    assert {one['joints'] for one in samples(config, make_tiny_data(config, tmp_path / 'data'))} == {7}


def test_loading_is_made_small(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=boxes(), val_dataloader=boxes()))
    changed = apply(Config(config.to_dict()), make_tiny_data(config, tmp_path / 'data').overrides)
    train, val = changed.train_dataloader, changed.val_dataloader
    assert (train.num_workers, train.persistent_workers, train.batch_size) == (0, False, 2)
    assert (val.num_workers, val.persistent_workers, val.batch_size) == (0, False, 1)
    assert config.train_dataloader.num_workers == 4


def test_batches_that_a_sampler_fills_keep_their_size(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader={**boxes(), 'sampler': dict(type='GroupSampler', batch_size=8)}))
    changed = apply(Config(config.to_dict()), make_tiny_data(config, tmp_path / 'data').overrides)
    assert changed.train_dataloader.batch_size == 8


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=boxes(), val_dataloader=maps()))
    one, two, three = (
        make_tiny_data(config, tmp_path / name, seed=seed) for name, seed in (('a', 0), ('b', 0), ('c', 1))
    )
    assert files(one.root) == files(two.root) != files(three.root)


def test_real_data_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tmp_path / 'data' / 'things' / 'notes' / 'a.json'
    real.parent.mkdir(parents=True)
    real.write_text('this is no JSON')
    monkeypatch.chdir(tmp_path)
    config = Config(dict(train_dataloader=boxes()))
    made = make_tiny_data(config, tmp_path / 'tiny')
    assert made.parts == {'train': ''}
    assert len(samples(config, made)) == 4


def test_the_reason_for_no_data_is_reported(tmp_path: Path) -> None:
    config = Config(dict(train_dataloader=loader('Broken', data_root='x'), val_dataloader=boxes()))
    made = make_tiny_data(config, tmp_path / 'data')
    assert made.parts == {'train': 'ImportError: please install what is not there', 'val': ''}


def test_the_reason_of_the_last_of_several_data_sets_is_reported(tmp_path: Path) -> None:
    several = [dict(type=one, ann_file=f'{one}/all.json') for one in ('Listed', 'Odd')]
    section = dict(batch_size=2, dataset=dict(type='ConcatDataset', datasets=several))
    made = make_tiny_data(Config(dict(train_dataloader=section)), tmp_path / 'data')
    assert made.parts == {'train': "KeyError: 'odd'"}


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'mine.txt').write_text('mine')
    with pytest.raises(FileExistsError, match='is not empty'):
        make_tiny_data(Config(dict(train_dataloader=boxes())), tmp_path)


def test_the_result_goes_through_json(tmp_path: Path) -> None:
    made = make_tiny_data(Config(dict(train_dataloader=maps())), tmp_path / 'data')
    assert TinyData.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_the_folder_is_importable_by_itself(tmp_path: Path, printed: Any) -> None:
    file = sys.modules['introspect_export.tiny_data'].__file__
    script = (
        'import importlib.util, sys; sys.modules["introspect_export"] = None; '
        f'spec = importlib.util.spec_from_file_location("tiny_data", {file!r}); '
        'sys.modules["tiny_data"] = importlib.util.module_from_spec(spec); '
        'spec.loader.exec_module(sys.modules["tiny_data"]); import tiny_data; print(tiny_data.make_tiny_data.__name__)'
    )
    assert printed(tmp_path, script).strip() == 'make_tiny_data'
