"""Annotations in the COCO format, with the fields of its variants: panoptic, keypoints, videos, LVIS."""

from __future__ import annotations

from typing import Any

import numpy as np

from .scene import Facts, Thing, image_suffix, label_map, names, things

GREY = 1 + 256 + 256 * 256
"""The panoptic segment id (red + 256 green + 65536 blue) of a grey pixel is its value times this."""

WHOLE_BODY = {'keypoints': 17, 'foot_kpts': 6, 'face_kpts': 68, 'lefthand_kpts': 21, 'righthand_kpts': 21}
"""The fields of the COCO-WholeBody format, each with its number of keypoints."""

_FRAMES = 2
_CAPTURE = _CAMERA = '0'
_EVERY = 100


def coco(facts: Facts, divided: bool) -> dict[str, Any]:
    """One annotation file with the fields of all variants.

    Args:
        facts: The facts that it fits.
        divided: Whether the keypoints of a whole body are split into the fields of ``WHOLE_BODY``.
    """
    stems, suffix = names(facts.images), image_suffix(facts)
    images = [_image(index, stem + suffix, facts) for index, stem in enumerate(stems)]
    annotations = [
        _annotation(index * 10 + place + 1, index, place, thing, facts, divided)
        for index in range(facts.images)
        for place, thing in enumerate(things(index, facts))
    ]
    return {
        _CAPTURE: _capture(facts),
        'info': {'description': 'a tiny data set'},
        'licenses': [],
        'images': images,
        'annotations': annotations,
        'categories': [_category(index, name, facts) for index, name in enumerate(facts.classes or ('thing',))],
        'videos': [_video(index, images, facts) for index in range((facts.images + _FRAMES - 1) // _FRAMES)],
    }


def _capture(facts: Facts) -> dict[str, Any]:
    """The cameras of a capture, and the 3D joints of each frame."""
    turned, shown = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.linspace(1, 2, max(facts.keypoints, 1))
    camera = {'campos': [0.0, 0.0, 0.0], 'camrot': turned, 'focal': [50.0, 50.0], 'princpt': [facts.shape[1] / 2, 20.0]}
    frames = {
        str(index): {
            'world_coord': [[*point, depth] for point, depth in zip(_spread(index, facts), shown.tolist(), strict=True)]
        }
        for index in range(facts.images)
    }
    return {**{name: {_CAMERA: value} for name, value in camera.items()}, **frames}


def _spread(index: int, facts: Facts) -> list[list[float]]:
    """Keypoints around the optical axis of a camera."""
    points = (things(index, facts)[0].points(max(facts.keypoints, 1)) - facts.shape[0] / 2) / 100
    found: list[list[float]] = points.round(4).tolist()
    return found


def panoptic(facts: Facts) -> dict[str, Any]:
    """The COCO panoptic format: one annotation an image, with the segments of its map."""
    content = coco(facts, False)
    content['annotations'] = [
        {
            'image_id': image['id'],
            'file_name': image['file_name'].rpartition('.')[0] + '.png',
            'segments_info': list(_segments(index, facts)),
        }
        for index, image in enumerate(content['images'])
    ]
    return content


def detections(facts: Facts) -> list[dict[str, Any]]:
    """Detection results, as a list."""
    return [
        {
            'image_id': _number(index),
            'category_id': 1,
            'bbox': list(thing.box),
            'score': 0.9 - 0.1 * place,
            'keypoints': _points(thing, facts.keypoints),
        }
        for index in range(facts.images)
        for place, thing in enumerate(things(index, facts))
    ]


def _number(index: int) -> int:
    """The id of an image: some data sets keep every tenth frame only."""
    return (index + 1) * _EVERY


def _segments(index: int, facts: Facts) -> Any:
    drawn = label_map(index, facts)
    for value in sorted(set(drawn.ravel().tolist())):
        rows, columns = np.nonzero(drawn == value)
        left, top = int(columns.min()), int(rows.min())
        yield {
            'id': value * GREY,
            'category_id': value + 1,
            'iscrowd': 0,
            'area': len(rows),
            'bbox': [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1],
        }


def _image(index: int, name: str, facts: Facts) -> dict[str, Any]:
    height, width = facts.shape
    return {
        'id': _number(index),
        'file_name': name,
        'coco_url': f'http://localhost/images/{name}',
        'height': height,
        'width': width,
        'video_id': index // _FRAMES + 1,
        'frame_id': index % _FRAMES,
        'mot_frame_id': index % _FRAMES + 1,
        'neg_category_ids': [],
        'capture': int(_CAPTURE),
        'camera': _CAMERA,
        'frame_idx': index,
        'not_exhaustive_category_ids': [],
    }


def _video(index: int, images: list[dict[str, Any]], facts: Facts) -> dict[str, Any]:
    height, width = facts.shape
    frames = [image['file_name'] for image in images if image['video_id'] == index + 1]
    return {'id': index + 1, 'name': f'video_{index}', 'height': height, 'width': width,
            'length': len(frames), 'file_names': frames, 'fps': 30}  # fmt: skip


def _category(index: int, name: str, facts: Facts) -> dict[str, Any]:
    return {
        'id': index + 1,
        'name': name,
        'supercategory': name,
        'isthing': int(facts.is_countable(name)),
        'synset': f'{name}.n.01',
        'synonyms': [name],
        'def': name,
        'frequency': 'f',
        'image_count': facts.images,
        'instance_count': facts.images,
        'keypoints': [f'point_{point}' for point in range(facts.keypoints)],
        'skeleton': [],
    }


def _annotation(number: int, index: int, place: int, thing: Thing, facts: Facts, divided: bool) -> dict[str, Any]:
    left, top, width, height = thing.box
    annotation: dict[str, Any] = {
        'id': number,
        'image_id': _number(index),
        'video_id': index // _FRAMES + 1,
        'category_id': thing.label + 1,
        'bbox': list(thing.box),
        'area': round(width * height, 2),
        'segmentation': [thing.polygon],
        'iscrowd': 0,
        'ignore': 0,
        'instance_id': place + 1,
        'mot_instance_id': place + 1,
        'visibility': 1.0,
        'mot_conf': 1.0,
        'official_id': place + 1,
        'center': [left + width / 2, top + height / 2],
        'scale': height / 200,
        'head_size': height / 8,
        'box_size': max(width, height),
        'hand_type': 'right',
        'hand_type_valid': 1,
        'joint_valid': [1] * facts.keypoints,
        'caption': 'a thing beside another',
    }
    if facts.keypoints:
        annotation.update(_keypoints(thing, facts.keypoints, divided), num_keypoints=facts.keypoints)
    return annotation


def _keypoints(thing: Thing, count: int, divided: bool) -> dict[str, Any]:
    left, top, width, height = thing.box
    fields: dict[str, Any] = {f'{name}': _points(thing, number) for name, number in WHOLE_BODY.items()}
    fields[f'keypoints_{count}'] = _points(thing, count)  # Some formats have several sets of different sizes.
    if not divided or count != sum(WHOLE_BODY.values()):
        fields['keypoints'] = _points(thing, count)
    for name in ('face', 'lefthand', 'righthand', 'foot'):
        fields[f'{name}_valid'] = True
        fields[f'{name}_box'] = [left, top, width, height]
    return fields


def _points(thing: Thing, count: int) -> list[float]:
    return [value for x, y in thing.points(count).tolist() for value in (x, y, 2)]
