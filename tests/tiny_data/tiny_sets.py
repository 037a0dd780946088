"""Data sets of our own, each of which reads a format by its own code; transforms; and a metric."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.fileio import get, get_text, list_dir_or_file, load


class Boxes(BaseDataset):
    """Reads boxes of the classes that it knows."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('cat', 'dog', 'bird'))

    def load_data_list(self) -> list[dict[str, Any]]:
        content = json.loads(get(self.ann_file))
        numbers = {one['name']: one['id'] for one in content['categories']}
        order = [numbers[name] for name in self.metainfo['classes']]
        found = []
        for image in content['images']:
            mine = [one for one in content['annotations'] if one['image_id'] == image['id']]
            found.append(
                dict(
                    img_path=os.path.join(self.data_prefix['img'], image['file_name']),
                    size=(image['height'], image['width']),
                    boxes=[one['bbox'] for one in mine],
                    labels=[order.index(one['category_id']) for one in mine],
                )
            )
        return found


class Panoptic(Boxes):
    """Reads which classes have objects, and what is on an image of any."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('cat', 'sky', 'dog', 'road'), thing_classes=('cat', 'dog'))

    def load_data_list(self) -> list[dict[str, Any]]:
        content = json.loads(get(self.ann_file))
        things = {one['id']: one['isthing'] for one in content['categories']}
        assert {one['name']: one['isthing'] for one in content['categories']} == dict(cat=1, sky=0, dog=1, road=0)
        return [
            dict(things=[things[it['category_id']] for it in one['segments_info']]) for one in content['annotations']
        ]


class Drawn(Boxes):
    """Gives the first sample, or as chance will have it later, the last."""

    last: ClassVar[bool] = False

    def prepare_data(self, idx: int) -> Any:
        return super().prepare_data(len(self) - 1 if self.last else 0)


class Maps(BaseDataset):
    """Lists images and reads the map of labels beside each."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('road', 'car', 'sky'))

    def load_data_list(self) -> list[dict[str, Any]]:
        self.img_suffix, self.seg_map_suffix = '_photo.png', '_labels.png'
        folder = self.data_prefix['img_path']
        names = sorted(list_dir_or_file(folder, list_dir=False, suffix=self.img_suffix, recursive=True))
        maps = self.data_prefix['seg_map_path']
        return [
            dict(
                img_path=os.path.join(folder, name),
                seg_map_path=os.path.join(maps, name.replace(self.img_suffix, self.seg_map_suffix)),
            )
            for name in names
        ]


class Words(BaseDataset):
    """Reads images of one word each."""

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> Any:
        (instance,) = raw_data_info['instances']
        return {**super().parse_data_info(raw_data_info), 'word': instance['text'], 'outline': instance['polygon']}


class Digits(BaseDataset):
    """Reads grey images from one file and their classes from another, once both are there."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('none', 'one', 'two'))

    def load_data_list(self) -> list[dict[str, Any]]:
        images, classes = (
            os.path.join(self.data_prefix['root'], f'train-{name}-ubyte') for name in ('images-idx3', 'labels-idx1')
        )
        if not all(map(os.path.isfile, (images, classes))):
            raise RuntimeError('there are no digits')
        return [dict(img=image, gt_label=int(label)) for image, label in zip(idx(images), idx(classes), strict=True)]


def idx(file: str) -> Any:
    """The array of an IDX file."""
    data = Path(file).read_bytes()
    assert data[:3] == b'\0\0\x08'
    shape = np.frombuffer(data, '>u4', data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


class Clips(BaseDataset):
    """A list of folders, each of them a clip."""

    def load_data_list(self) -> list[dict[str, Any]]:
        clips = [os.path.join(self.data_prefix['img'], one) for one in get_text(self.ann_file).split()]
        return [dict(frames=sorted(os.path.join(clip, one) for one in os.listdir(clip))) for clip in clips]


class MaybeLabelled(BaseDataset):
    """A list of images, each with a label or without one."""

    def load_data_list(self) -> list[dict[str, Any]]:
        lines = [line.strip().split(' ') for line in get_text(self.ann_file).splitlines()]
        prefix = self.data_prefix['img']
        return [dict(img_path=os.path.join(prefix, name), label=int((*rest, -1)[0])) for name, *rest in lines]

    def prepare_data(self, idx: int) -> Any:
        one = self.get_data_info(idx)
        return {**one, 'img': get(one['img_path'])[1:4]}


class Actions(BaseDataset):
    """Persons in seconds of clips, less those that a file excludes; frames near a second, by computed numbers."""

    def __init__(self, excluded: str, **more: Any) -> None:
        self.excluded = excluded
        super().__init__(**more)

    def load_data_list(self) -> list[dict[str, Any]]:
        rows = [line.strip().split(',') for line in get_text(self.ann_file).splitlines()]
        left_out = [tuple(line.split(',')) for line in get_text(self.excluded).splitlines()]
        assert all(len(each) == 2 for each in left_out)
        return [
            dict(clip=row[0], second=int(row[1]), box=[*map(float, row[2:6])], action=int(row[6]), person=int(row[7]))
            for row in rows
            if (row[0], row[1]) not in left_out
        ]

    def prepare_data(self, idx: int) -> Any:
        one = self.get_data_info(idx)
        first = (one['second'] - 900) * 30 + np.random.randint(-8, 9)
        frames = [f'{self.data_prefix["img"]}/{one["clip"]}/img_{first + step:05d}.png' for step in range(16)]
        return {**one, 'frames': [get(frame)[1:4] for frame in frames]}


class Numbered(Clips):
    """Counts the frames of its clips, and reads some of a number that chance gives, by names of its own making."""

    length: ClassVar[int] = 12

    def prepare_data(self, idx: int) -> Any:
        frames = self.get_data_info(idx)['frames']
        if len(frames) < self.length:
            raise ValueError('the clip is too short')
        start = np.random.randint(len(frames) - self.length + 1)
        folders = os.path.dirname(frames[0]), os.path.join(self.data_prefix['gt'], str(idx))
        wanted = [f'{folder}/{start + step:08d}.png' for folder in folders for step in range(self.length)]
        return [get(path)[1:4] for path in wanted]


class Counted(BaseDataset):
    """Reads a frame that chance gives of clips that it takes to have fifty."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [dict(clip=os.path.join(self.data_prefix['img'], one)) for one in get_text(self.ann_file).split()]

    def prepare_data(self, idx: int) -> Any:
        return get(os.path.join(self.get_data_info(idx)['clip'], f'{np.random.randint(50):04d}.png'))[1:4]


class People(BaseDataset):
    """Images of people, of whom it wants five, each twice."""

    def load_data_list(self) -> list[dict[str, Any]]:
        lines = [line.split(' ') for line in get_text(self.ann_file).splitlines()]
        return [dict(img_path=os.path.join(self.data_prefix['img'], name), person=int(who)) for name, who in lines]

    def prepare_data(self, idx: int) -> Any:
        people = [self.get_data_info(index)['person'] for index in range(len(self))]
        assert sum(people.count(who) > 1 for who in set(people)) >= 5, 'too few people'
        return super().prepare_data(idx)


class Early(BaseDataset):
    """Wants its file before it knows its keypoints, and in it the keypoints of the frames of a camera."""

    METAINFO: ClassVar[dict[str, Any]] = dict(num_keypoints=7)

    def __init__(self, ann_file: str, **options: Any) -> None:
        assert os.path.exists(ann_file)
        super().__init__(ann_file=ann_file, **options)

    def load_data_list(self) -> list[dict[str, Any]]:
        content = json.loads(get_text(self.ann_file))
        frames = [content[str(one['capture'])][str(one['frame_idx'])] for one in content['images']]
        return [dict(seventh=frame['world_coord'][6]) for frame in frames]


class Lucky(BaseDataset):
    """Reads its file before it knows its keypoints, and does not mind how many there are in it."""

    METAINFO: ClassVar[dict[str, Any]] = dict(num_keypoints=7)

    def __init__(self, ann_file: str, **options: Any) -> None:
        self._frames = np.load(ann_file)['S']
        super().__init__(ann_file=ann_file, **options)

    def load_data_list(self) -> list[dict[str, Any]]:
        return [dict(joints=len(frame)) for frame in self._frames]


class Captures(BaseDataset):
    """Looks at the joints of every frame in space through the camera that took its image."""

    METAINFO: ClassVar[dict[str, Any]] = dict(num_keypoints=5)

    def load_data_list(self) -> list[dict[str, Any]]:
        frames, camera = np.load(self.ann_file), self.camera()
        factors, found = (np.load(self.data_prefix[name]) for name in ('factors', 'found'))
        assert factors.shape == (len(frames['imgname']),) and found.shape == frames['part'].shape
        seen = (frames['S'][..., :3] - camera['T'].T) @ camera['R']
        flat = seen[..., :2] / seen[..., 2:] * camera['f'].T + camera['c'].T
        return [
            dict(error=float(abs(one - other[:, :2]).max())) for one, other in zip(flat, frames['part'], strict=True)
        ]

    def camera(self) -> Any:
        person, _, rest = os.path.basename(str(np.load(self.ann_file)['imgname'][0])).partition('_')
        cameras = load(self.data_prefix['cameras'])
        return cameras[(person, rest.partition('.')[2].partition('_')[0])]


class Films(BaseDataset):
    """Reads videos that a list names, with their classes."""

    def load_data_list(self) -> list[dict[str, Any]]:
        found = []
        for line in get_text(self.ann_file).splitlines():
            name, label = line.split()
            data = Path(self.data_prefix['video'], name).read_bytes()
            if not data.startswith(b'RIFF'):
                raise OSError(f'{name} is no video')
            found.append(dict(video=data, label=int(label)))
        return found


class Skeletons(BaseDataset):
    """Reads the joints in space of the clips of one split."""

    def __init__(self, split: str, **options: Any) -> None:
        self.split = split
        super().__init__(**options)

    def load_data_list(self) -> list[dict[str, Any]]:
        content = load(self.ann_file)
        clips = [one for one in content['annotations'] if one['frame_dir'] in content['split'][self.split]]
        for one in clips:
            persons, frames, _, three = one['keypoint'].shape
            assert (persons, frames, three) == (1, one['total_frames'], 3)
        return clips


class Scenes(BaseDataset):
    """Reads clouds of points with the class of each, boxes in them, and objects to paste."""

    METAINFO: ClassVar[dict[str, Any]] = dict(classes=('tree', 'car', 'cat'))

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> Any:
        lidar = raw_data_info['lidar_points']
        cloud = np.fromfile(os.path.join(self.data_prefix['pts'], lidar['lidar_path']), np.float32)
        labels = np.fromfile(os.path.join(self.data_prefix['mask'], raw_data_info['pts_semantic_mask_path']), np.int64)
        return dict(cloud=cloud.reshape(len(labels), -1), labels=labels, objects=raw_data_info['instances'])


class Broken(BaseDataset):
    """Wants a library that is not there."""

    def load_data_list(self) -> list[dict[str, Any]]:
        raise ImportError('please install what is not there')


class Listed(BaseDataset):
    """Reads a list of annotations."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [dict(center=one['center']) for one in json.loads(get(self.ann_file))]


class Odd(BaseDataset):
    """Reads what annotations never have."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [dict(odd=json.loads(get(self.ann_file))['odd'])]


class Read:
    """Reads every file that a sample names."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        import cv2

        for key in [one for one in results if one.endswith('_path')]:
            data = np.frombuffer(get(results[key]), np.uint8)
            results[key.replace('_path', '')] = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        return results


class LargeEnough:
    """Refuses small images."""

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        if min(results['img'].shape[:2]) < 200:
            raise ValueError('the image is too small')
        return results


class Choose:
    """Takes a frame that five others follow, however long it has to look for one, unless it refuses short clips."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        if self.refuses and len(results['frames']) < 6:
            raise ValueError('the clip is too short')
        first = len(results['frames'])
        while first + 5 >= len(results['frames']):
            first = int(np.random.randint(len(results['frames'])))
        return dict(frame=get(results['frames'][first]))


class FileMetric(BaseMetric):
    """Reads the annotations when it is made."""

    def __init__(self, ann_file: str) -> None:
        super().__init__()
        self.images = len(json.loads(get(ann_file))['images'])

    def process(self, data_batch: Any, data_samples: Any) -> None:
        pass

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        return {}
