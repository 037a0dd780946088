"""Point clouds, their labels, and annotations in three dimensions in mmengine's own format."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .scene import INSTANCES, Facts, generator, image_suffix, index_of, names, things

_POINTS = 6000
_PER_OBJECT = 60
_FAR, _WIDE, _GROUND = 60.0, 30.0, -1.8
_CAMERAS = ('CAM2', 'CAM0', 'CAM_FRONT')
_FOCUS = 700.0


def points(path: str, facts: Facts) -> None:
    """A cloud of 32-bit numbers: coordinates, and further features from 0 to 1; denser where it is nearer."""
    random = generator(4_000_000 + index_of(path), facts.seed)
    scattered = random.uniform(-1, 1, (_POINTS, 3)) ** 3 * (_FAR, _WIDE, 0.3)
    scattered[:, 0] = abs(scattered[:, 0])
    scattered[:, 2] += _GROUND
    inside = [
        centre + random.uniform(-0.5, 0.5, (_PER_OBJECT, 3)) * size
        for centre, size in map(_placed, range(_objects(facts)))
    ]
    _write_points(path, np.concatenate([scattered, *inside]), random, facts)


def object_points(path: str, facts: Facts) -> None:
    """The cloud of one object, around the origin."""
    random = generator(5_000_000 + index_of(path), facts.seed)
    _write_points(path, random.uniform(-0.5, 0.5, (_PER_OBJECT, 3)) * _placed(0)[1], random, facts)


def _write_points(path: str, places: Any, random: Any, facts: Facts) -> None:
    features = random.uniform(0, 1, (len(places), max(facts.dimensions - 3, 0)))
    Path(path).write_bytes(np.concatenate([places, features], axis=1).astype(np.float32).tobytes())


def _objects(facts: Facts) -> int:
    """The number of objects in a scene: all scenes together have one of each class."""
    return max(INSTANCES, -(-len(facts.classes) // facts.images))


def _placed(place: int) -> tuple[Any, Any]:
    """The centre of an object, and its length, width and height."""
    return np.array([4.0 + 8 * place, 2.0 - 3 * place, _GROUND + 0.8]), np.array([3.9, 1.6, 1.56])


def _point_labels(dtype: type) -> Callable[[str, Facts], None]:
    """A writer of the class of each point."""

    def write(path: str, facts: Facts) -> None:
        count = _POINTS + _PER_OBJECT * _objects(facts)
        labels = generator(6_000_000 + index_of(path), facts.seed).integers(max(len(facts.classes), 2), size=count)
        Path(path).write_bytes(labels.astype(dtype).tobytes())

    return write


def scenes(path: str, facts: Facts) -> None:
    """Mmengine's format as a pickle file: of every scene its cloud, images with their cameras, and objects."""
    data = [_scene(index, stem, facts) for index, stem in enumerate(names(facts.images))]
    content = {'metainfo': {'classes': list(facts.classes)}, 'data_list': data}
    Path(path).write_bytes(pickle.dumps(content))


def _scene(index: int, stem: str, facts: Facts) -> dict[str, Any]:
    height, width = facts.shape
    ahead = np.array([[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    camera = np.array([[_FOCUS, 0, width / 2, 0], [0, _FOCUS, height / 2, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    image = {
        'img_path': stem + image_suffix(facts),
        'height': height,
        'width': width,
        'cam2img': camera.tolist(),
        'lidar2cam': ahead.tolist(),
        'lidar2img': (camera @ ahead).tolist(),
        'depth2img': (camera @ ahead)[:3, :3].tolist(),
    }
    instances = [_instance(place, index, facts) for place in range(_objects(facts))]
    return {
        'sample_idx': index,
        'token': stem,
        'timestamp': 0.1 * index,
        'context_name': stem,
        'ego2global': np.eye(4).tolist(),
        'axis_align_matrix': np.eye(4).tolist(),
        'lidar_points': {'lidar_path': f'{stem}.bin', 'num_pts_feats': facts.dimensions},
        'pts_semantic_mask_path': f'{stem}.bin',
        'pts_instance_mask_path': f'{stem}.bin',
        'plane': [0.0, -1.0, 0.0, -_GROUND],
        'images': {name: dict(image) for name in _CAMERAS},
        'instances': instances,
        'cam_sync_instances': instances,
        'cam_instances': dict.fromkeys(_CAMERAS, instances),
    }


def _instance(place: int, index: int, facts: Facts) -> dict[str, Any]:
    centre, size = _placed(place)
    left, top, width, height = things(index, facts)[place % INSTANCES].box
    # In turn: samplers that balance classes need an object of each.
    label = facts.number_of((index * _objects(facts) + place) % max(len(facts.classes), 1))
    return {
        'bbox': [left, top, left + width, top + height],
        'bbox_label': label,
        'bbox_3d': [*centre, *size, 0.1],
        'bbox_label_3d': label,
        'bbox_3d_isvalid': True,
        'attr_label': 0,
        'velocity': [0.0, 0.0],
        'depth': float(centre[0]),
        'center_2d': [left + width / 2, top + height / 2],
        'num_lidar_pts': _PER_OBJECT,
        'difficulty': 0,
        'truncated': 0.0,
        'occluded': 0,
        'alpha': 0.0,
        'score': 0.0,
        'index': place,
        'group_id': place,
    }


def _object_database(velocity: Sequence[float]) -> Callable[[str, Facts], None]:
    """A writer of a pickle file with objects of every class, to be pasted into scenes."""

    def write(path: str, facts: Facts) -> None:
        found = {name: [_pasted(name, number, velocity) for number in range(facts.images)] for name in facts.classes}
        Path(path).write_bytes(pickle.dumps(found))

    return write


def _pasted(name: str, number: int, velocity: Sequence[float]) -> dict[str, Any]:
    _, size = _placed(0)
    return {
        'name': name,
        'path': f'objects/{number}.bin',
        'image_idx': number,
        'gt_idx': 0,
        'group_id': number,
        'box3d_lidar': np.array([10.0 + 6 * number, -12.0, _GROUND + 0.8, *size, 0.1, *velocity], np.float32),
        'num_points_in_gt': _PER_OBJECT,
        'difficulty': 0,
    }


DATABASES = (_object_database(()), _object_database((0.0, 0.0)))
CLOUDS = (points, object_points)
LABELS = tuple(map(_point_labels, (np.int64, np.int32, np.uint8)))
SUFFIXES = ('.bin', '.label')


def is_of_labels(hint: str) -> bool:
    """Whether a key or folder is named like one of points' labels."""
    return 'mask' in hint or 'label' in hint
