"""The kinds of value that a sample may have under a key, likeliest first; ``SampleSearch`` finds the right one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .annotation_files import corners
from .scene import Facts, Thing, alpha_matte, image_suffix, label_map, names, object_mask, picture, things

MAPPING, LIST, DECLARED = 'mapping', 'list', 'declared'
"""Kinds made elsewhere: a mapping, a list of one for each object, and what the data set's meta information has."""

_MANY = 100


@dataclass(frozen=True)
class Spot:
    """The position of a value.

    Attributes:
        key: Its key.
        index: The number of the sample.
        place: The number of the object in the sample.
        facts: The facts that it fits.
        root: The folder of the image files.
    """

    key: str
    index: int
    place: int
    facts: Facts
    root: str

    @property
    def thing(self) -> Thing:
        """The object."""
        return things(self.index, self.facts)[self.place]

    @property
    def points(self) -> Any:
        """The keypoints of the object, one a row."""
        return self.thing.points(max(self.facts.keypoints, 1)).astype(np.float32)

    def file(self, number: int) -> str:
        """The path of an image; each key has images of its own."""
        return f'{self.root}/samples/{self.key}/{names(number + 1)[number]}{image_suffix(self.facts)}'


def _points_3d(spot: Spot) -> Any:
    """The keypoints with a depth from 1 to 2."""
    depth = np.linspace(1, 2, len(spot.points), dtype=np.float32)[:, None]
    return np.concatenate([spot.points / 100, depth], axis=1)[None]


_KINDS: dict[str, Callable[[Spot], Any]] = {
    'file': lambda spot: spot.file(spot.index),
    'files': lambda spot: [spot.file(number) for number in range(spot.facts.images)],
    'folder': lambda spot: f'{spot.root}/samples/{spot.key}',
    'text': lambda spot: 'a thing beside another',
    'texts': lambda spot: ['a thing', 'another'],
    'number': lambda spot: spot.index,
    'one': lambda spot: 1,
    'many': lambda spot: _MANY,
    'fraction': lambda spot: 0.5,
    'no': lambda spot: False,
    'yes': lambda spot: True,
    'height': lambda spot: spot.facts.shape[0],
    'width': lambda spot: spot.facts.shape[1],
    'shape': lambda spot: tuple(spot.facts.shape),
    'label': lambda spot: spot.thing.label,
    'labels': lambda spot: np.array([spot.thing.label], np.int64),
    'corners': lambda spot: corners(spot.thing),
    'boxes': lambda spot: np.array([corners(spot.thing)], np.float32),
    'outline': lambda spot: [spot.thing.polygon],
    'centers': lambda spot: np.array([[(a + b) / 2 for a, b in zip(*_halves(spot), strict=False)]], np.float32),
    'extents': lambda spot: np.array([spot.thing.box[2:]], np.float32),
    'ones': lambda spot: np.ones(1, np.float32),
    'points': lambda spot: spot.points[None],
    '3d points': _points_3d,
    'visible': lambda spot: np.ones((1, len(spot.points)), np.float32),
    'point weights': lambda spot: np.ones(len(spot.points), np.float32),
    'pair': lambda spot: np.ones(2, np.float32),
    'vector': lambda spot: np.ones((3, 1), np.float32),
    'matrix': lambda spot: np.eye(3, dtype=np.float32),
    'picture': lambda spot: picture(spot.index, spot.facts),
    'map': lambda spot: label_map(spot.index, spot.facts),
    'mask': lambda spot: object_mask(spot.thing, spot.facts.shape),
    'matte': lambda spot: alpha_matte(spot.index, spot.facts),
}

_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ('path|file|filename|dir|folder', ('file', 'files', 'folder')),
    ('3d|cam', ('3d points', 'matrix', 'vector')),
    ('shape|size', ('shape', 'extents')),
    ('height', ('height',)),
    ('width', ('width',)),
    ('instance|object|region|image|frame|video|person', (LIST, 'number')),
    ('polygon|segmentation', ('outline', 'map')),
    ('bboxes|boxes|proposal', ('boxes', 'corners')),
    ('bbox|box', ('boxes', 'corners')),
    ('labels', ('labels', 'label')),
    ('label|category|class', ('label', 'labels', 'text')),
    ('center', ('centers', 'pair')),
    ('scale|ratio|factor', ('extents', 'fraction', 'pair')),
    ('keypoint|joint|point|target', ('points', '3d points')),
    ('visible|valid|vis', ('visible', 'ones', 'yes')),
    ('weight|score|conf|prob', ('ones', 'visible', 'fraction', 'point weights')),
    ('flag|flip|is|ignore|iscrowd|has', ('no', 'yes')),
    ('mask', ('mask', 'outline')),
    ('trimap|alpha', ('matte', 'mask')),
    ('map|seg', ('map',)),
    ('img|picture|photo|gt|hq|lq|source|reference', ('picture',)),
    ('param|camera|info|meta|ann|annotation|target', (MAPPING,)),
    ('length|num|count|total', ('many', 'one', 'number')),
    ('id|idx|index|number|start|end', ('number', 'one')),
    ('text|caption|prompt|phrase|name|key|title|sentence', ('text', 'texts')),
    ('r|k|rotation|intrinsic', ('matrix',)),
    ('t|translation', ('vector',)),
    ('f|c|focal|princpt', ('pair', 'vector')),
)

_ROWS = frozenset(('labels', 'boxes', 'centers', 'extents', 'ones', 'points', '3d points', 'visible'))

_PATTERNS = tuple((re.compile(f'(?:{words})s?'), found) for words, found in _WORDS)
_COUNTED = re.compile('(?:num|n|len|max)_')


def likely_kinds(key: str) -> tuple[str, ...]:
    """The kinds of value that the words of a key suggest, those of its last word first."""
    words = [word for word in re.split(r'[^a-z0-9]+', key.lower()) if word]
    found: list[str] = ['one', 'many'] if _COUNTED.match(key) else []
    for word in reversed(words):
        found += [kind for pattern, named in _PATTERNS if pattern.fullmatch(word) for kind in named]
    return tuple(dict.fromkeys(found))


def certain_kinds(key: str) -> tuple[str, ...]:
    """The likely kinds, if the last word of the key suggests any: ``gt_channel_order`` is no ``gt``."""
    return likely_kinds(key) if likely_kinds(re.split('[^a-z0-9]', key.lower())[-1]) else ()


def for_one_object(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Kinds reordered for an item of a list of objects: it rather has a box than an array of boxes."""
    return tuple(sorted(kinds, key=lambda kind: kind in _ROWS))


def all_kinds(key: str) -> tuple[str, ...]:
    """All kinds of value, those that the key suggests first."""
    return tuple(dict.fromkeys((*likely_kinds(key), MAPPING, LIST, *_KINDS)))


def value(kind: str, spot: Spot) -> Any:
    """The value of a kind at a position."""
    return _KINDS[kind](spot)


def _halves(spot: Spot) -> tuple[list[float], list[float]]:
    found = corners(spot.thing)
    return found[:2], found[2:]
