"""Annotation files: JSON in several formats, JSON lines, VOC's XML, MATLAB's boxes, motion captures, pickled scenes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .clips import SKELETONS
from .clouds import DATABASES, scenes
from .coco import coco, detections, panoptic
from .mocap import cameras, captured, detected, factors
from .scene import Facts, Thing, image_suffix, index_of, names, things


def corners(thing: Thing) -> list[float]:
    """The box by its corners: left, top, right, bottom."""
    left, top, width, height = thing.box
    return [left, top, round(left + width, 2), round(top + height, 2)]


def grounded(facts: Facts) -> list[dict[str, Any]]:
    """One record an image, with detections, grounded phrases, and the prompt of an image pair."""
    height, width = facts.shape
    found = []
    for index, stem in enumerate(names(facts.images)):
        name = stem + image_suffix(facts)
        objects = things(index, facts)
        words = [facts.word(thing) for thing in objects]
        caption = ' . '.join(words)
        regions, start = [], 0
        for thing, word in zip(objects, words, strict=True):
            regions.append({'bbox': corners(thing), 'phrase': word, 'tokens_positive': [[start, start + len(word)]]})
            start += len(word) + len(' . ')
        instances = [
            {'bbox': corners(thing), 'label': thing.label, 'category': word}
            for thing, word in zip(objects, words, strict=True)
        ]
        found.append(
            {
                'filename': name,
                'height': height,
                'width': width,
                'detection': {'instances': instances},
                'grounding': {'caption': caption, 'regions': regions},
                'source': f'source/{name}',
                'target': f'target/{name}',
                'prompt': caption,
                'ID': stem,
                'text': words[0],
                'gtboxes': [
                    {'tag': 'person', 'fbox': list(t.box), 'hbox': list(t.box), 'vbox': list(t.box)} for t in objects
                ],
            }
        )
    return found


def people(facts: Facts) -> list[dict[str, Any]]:
    """One record an object, with its joints."""
    return [
        {
            'image': stem + image_suffix(facts),
            'center': [thing.box[0] + thing.box[2] / 2, thing.box[1] + thing.box[3] / 2],
            'scale': thing.box[3] / 200,
            'joints': thing.points(facts.keypoints).tolist(),
            'joints_vis': [1] * facts.keypoints,
        }
        for index, stem in enumerate(names(facts.images))
        for thing in things(index, facts)
    ]


def paths(facts: Facts) -> list[dict[str, str]]:
    """One record an image, with the paths of what the pipeline loads only."""
    suffix = image_suffix(facts)
    return [{f'{key}_path': f'{key}/{stem}{suffix}' for key in facts.keys} for stem in names(facts.images)]


def standard(facts: Facts) -> dict[str, Any]:
    """Mmengine's own format."""
    data = [
        {
            'img_path': stem + image_suffix(facts),
            'gt_label': facts.class_of(index),
            'instances': [{'bbox': corners(thing), 'bbox_label': thing.label} for thing in things(index, facts)],
        }
        for index, stem in enumerate(names(facts.images))
    ]
    return {'metainfo': {'classes': list(facts.classes)}, 'data_list': data}


def text_spotting(facts: Facts) -> dict[str, Any]:
    """Mmengine's format for text spotting, with one word an image."""
    content = standard(facts)
    for index, image in enumerate(content['data_list']):
        thing = things(index, facts)[0]
        read = {'text': facts.word(thing), 'polygon': thing.polygon, 'ignore': False}
        image['instances'] = [{**image['instances'][0], **read}]
    return content


def label_names(facts: Facts) -> dict[str, str]:
    """The name of each class by its number."""
    return {str(index): name for index, name in enumerate(facts.classes or ('thing', 'another'))}


def labels(facts: Facts) -> dict[str, Any]:
    """The class of each image by its name."""
    return {stem + image_suffix(facts): index % 2 for index, stem in enumerate(names(facts.images))}


def _as_json(content: Callable[[Facts], Any]) -> Callable[[str, Facts], None]:
    def write(path: str, facts: Facts) -> None:
        Path(path).write_text(json.dumps(content(facts)), encoding='utf-8')

    return write


def _json_lines(path: str, facts: Facts) -> None:
    Path(path).write_text(''.join(json.dumps(record) + '\n' for record in grounded(facts)), encoding='utf-8')


def _voc(path: str, facts: Facts) -> None:
    """VOC's XML for one image."""
    height, width = facts.shape
    root = ElementTree.Element('annotation')
    ElementTree.SubElement(root, 'folder').text = 'images'
    ElementTree.SubElement(root, 'filename').text = Path(path).stem + image_suffix(facts)
    size = ElementTree.SubElement(root, 'size')
    for name, value in (('width', width), ('height', height), ('depth', 3)):
        ElementTree.SubElement(size, name).text = str(value)
    for thing in things(index_of(path), facts):
        found = ElementTree.SubElement(root, 'object')
        ElementTree.SubElement(found, 'name').text = facts.word(thing)
        for name in ('truncated', 'difficult', 'occluded'):
            ElementTree.SubElement(found, name).text = '0'
        box = ElementTree.SubElement(found, 'bndbox')
        for name, edge in zip(('xmin', 'ymin', 'xmax', 'ymax'), corners(thing), strict=True):
            ElementTree.SubElement(box, name).text = str(round(edge))
    ElementTree.ElementTree(root).write(path)


def _head_boxes(path: str, facts: Facts) -> None:
    """The boxes of heads as a MATLAB file."""
    import numpy as np
    from scipy.io import savemat

    boxes = [corners(thing) for index in range(facts.images) for thing in things(index, facts)]
    savemat(path, {'headboxes_src': np.array(boxes).reshape(-1, 2, 2).transpose(2, 1, 0)})


_JSON = (
    _as_json(lambda facts: coco(facts, True)),
    _as_json(lambda facts: coco(facts, False)),
    _as_json(panoptic),
    _json_lines,
    _as_json(detections),
    _as_json(people),
    _as_json(paths),
    _as_json(standard),
    _as_json(text_spotting),
    _as_json(label_names),
    _as_json(labels),
)

_LABEL_MAP = re.compile('label_?map')
_DATABASE = re.compile(r'db_?info|database.*\.pkl')

_WRITERS: dict[str, tuple[Callable[[str, Facts], None], ...]] = {
    '.json': _JSON,
    '.odgt': (_json_lines, *_JSON),
    '.jsonl': (_json_lines, *_JSON),
    '.xml': (_voc,),
    '.mat': (_head_boxes,),
    '.npz': (captured,),
    '.npy': (factors, detected),
    '.pkl': (cameras, scenes, *SKELETONS),
}


def writers(path: str) -> tuple[Callable[[str, Facts], None], ...]:
    """The writers that may make an annotation file, by its suffix; first the one that its name suggests."""
    name = Path(path).name.lower()
    found = _WRITERS.get(Path(name).suffix, ())
    if _DATABASE.search(name):
        return (*DATABASES, scenes)
    if found is _JSON and _LABEL_MAP.search(name):
        return (_as_json(label_names), *found)
    return found
