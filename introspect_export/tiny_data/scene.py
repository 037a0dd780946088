"""The content of the images: a function of an image's number, so that pixels and annotations agree."""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

INSTANCES = 2
"""The number of objects on each image."""

IMAGES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp', '.ppm', '.pgm')

DIGITS = 6
"""The default number of digits in the names of images."""

_NUMBER = re.compile(r'\d+')
_LAST_NUMBER = re.compile(r'\d+$')
_FRAMES_AROUND = 100


@dataclass(frozen=True)
class Facts:
    """The properties of the images and annotations to make.

    Attributes:
        images: The number of images.
        shape: Height and width of an image.
        seed: The seed of the random numbers.
        classes: The names of the classes.
        countable: The names of the "thing" classes; the others are "stuff". Empty where all are things.
        keypoints: The number of keypoints of an object.
        suffixes: The file suffixes that the data set declares.
        scale: The ratio of the ground truth's size to the input's in an image pair.
        keys: The keys of a sample that the pipeline loads.
        templates: For keys of image folders, the format of file names by an image's stem: ``gt``, ``{}_GT``.
        numbered: The classes by their numbers in files, where the data set's class declares more than it uses.
        dimensions: The number of coordinates and features of a point in a cloud.
        digits: The number of digits in the names of images in folders.
        ending: The suffix of these names; empty to choose one by the request.
    """

    images: int
    shape: tuple[int, int]
    seed: int
    classes: tuple[str, ...] = ()
    countable: tuple[str, ...] = ()
    keypoints: int = 0
    suffixes: tuple[str, ...] = ()
    scale: int = 1
    keys: tuple[str, ...] = ()
    templates: tuple[tuple[str, str], ...] = ()
    numbered: tuple[str, ...] = ()
    dimensions: int = 4
    digits: int = DIGITS
    ending: str = ''

    def is_countable(self, name: str) -> bool:
        """Whether a class is one of things."""
        return not self.countable or name in self.countable

    def word(self, thing: Thing) -> str:
        """The name of an object's class; ``thing`` without classes."""
        return (self.classes or ('thing',))[thing.label]

    def number_of(self, label: int) -> int:
        """The number of a class in a file."""
        name = self.classes[label] if self.classes else ''
        return self.numbered.index(name) if name in self.numbered else label

    def class_of(self, index: int) -> int:
        """The class of a whole image."""
        return index % max(len(self.classes), 2)


@dataclass(frozen=True)
class Thing:
    """An object on an image: its box (left, top, width, height) and its class."""

    box: tuple[float, float, float, float]
    label: int

    @property
    def place(self) -> tuple[slice, slice]:
        """The pixels of the box: rows and columns."""
        left, top, width, height = (int(value) for value in self.box)
        return slice(top, top + height), slice(left, left + width)

    @property
    def polygon(self) -> list[float]:
        """The outline as an octagon: x, y, x, y, …."""
        left, top, width, height = self.box
        across, down = (0.25, 0.75, 1.0, 1.0, 0.75, 0.25, 0.0, 0.0), (0.0, 0.0, 0.25, 0.75, 1.0, 1.0, 0.75, 0.25)
        return [round(v, 2) for x, y in zip(across, down, strict=True) for v in (left + x * width, top + y * height)]

    def points(self, count: int) -> Any:
        """Keypoints inside of the box, one a row."""
        left, top, width, height = self.box
        turn = np.arange(count) * 2.399963  # The golden angle spreads any number of points evenly.
        reach = np.sqrt((np.arange(count) + 0.5) / max(count, 1)) * 0.45
        x, y = left + width * (0.5 + reach * np.cos(turn)), top + height * (0.5 + reach * np.sin(turn))
        return np.round(np.stack([x, y], axis=1), 2)


def names(count: int, digits: int = DIGITS) -> list[str]:
    """The stems of the names of images."""
    return [f'{index:0{digits}d}' for index in range(count)]


def is_image(path: str) -> bool:
    """Whether a path, or a suffix, is that of an image."""
    return path.lower().endswith(IMAGES)


def siblings(path: str, facts: Facts, length: int) -> list[str]:
    """The paths of an image and of all others of its folder: with random sampling, any of them may be read.

    For an image with a number that no list has, these are the frames around it: the data set computes the numbers.
    """
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    count = max(facts.images, length)
    number = _LAST_NUMBER.search(stem) if is_image(path) else None
    if number is not None and int(number[0]) >= count:
        begin, digits = stem[: number.start()], len(number[0])
        first, last = max(0, int(number[0]) - _FRAMES_AROUND), int(number[0]) + _FRAMES_AROUND
        return [os.path.join(folder, f'{begin}{each:0{digits}d}{suffix}') for each in range(first, last + 1)]
    numbered = stem.isdigit() and int(stem) < count
    stems = names(count, len(stem)) if numbered else names(facts.images)
    own = next((stem for stem in stems if stem in name), None) if is_image(path) else None
    return [os.path.join(folder, name.replace(own, stem, 1)) for stem in stems] if own is not None else [path]


def image_suffix(facts: Facts) -> str:
    """The suffix of the names of images: the one that the data set declares, or ``.jpg``."""
    return next((one for one in facts.suffixes if is_image(one)), '.jpg')


def index_of(path: str) -> int:
    """The number of an image in its name."""
    found = _NUMBER.findall(path.replace('\\', '/').rpartition('/')[2])
    return int(found[0][-6:]) if found else zlib.crc32(path.encode()) % 1000


def generator(index: int, seed: int) -> np.random.Generator:
    """The random number generator of an image."""
    return np.random.default_rng([seed, index])


def things(index: int, facts: Facts) -> list[Thing]:
    """The objects on an image, side by side."""
    height, width = facts.shape
    random = generator(index, facts.seed)
    labels = [label for label, name in enumerate(facts.classes) if facts.is_countable(name)] or [0]
    found = []
    for place in range(INSTANCES):
        left = width * (place + random.uniform(0.02, 0.1)) / INSTANCES
        top = height * random.uniform(0.02, 0.2)
        wide, high = width * random.uniform(0.75, 0.88) / INSTANCES, height * random.uniform(0.6, 0.78)
        label = labels[int(random.integers(len(labels)))]
        left, top, wide, high = (round(float(value), 2) for value in (left, top, wide, high))
        found.append(Thing((left, top, wide, high), label))
    return found


def label_map(index: int, facts: Facts) -> Any:
    """The class of every pixel: the objects' and that of a background; without classes, 1 and 0."""
    height, width = facts.shape
    count = min(max(len(facts.classes), 2), 255)
    background = int(generator(index + 500_000, facts.seed).integers(count)) if facts.classes else 0
    drawn = np.full((height, width), background, np.uint8)
    for thing in things(index, facts):
        drawn[thing.place] = thing.label % count if facts.classes else 1
    return drawn


def object_mask(thing: Thing, shape: tuple[int, int]) -> Any:
    """The mask of an object: 1 inside of its box, else 0."""
    drawn = np.zeros(shape, np.uint8)
    drawn[thing.place] = 1
    return drawn


def alpha_matte(index: int, facts: Facts) -> Any:
    """The alpha matte, from 0 to 255: objects are opaque, with soft borders."""
    import cv2

    height, width = facts.shape
    drawn = np.maximum.reduce([object_mask(thing, facts.shape) for thing in things(index, facts)])
    return cv2.blur(drawn * 255, (max(width // 16, 1), max(height // 16, 1)))


def picture(index: int, facts: Facts, scale: int = 1) -> Any:
    """A colour image: coarse noise, and each object in the colour of its class."""
    import cv2

    height, width = facts.shape
    random = generator(index + 1_000_000, facts.seed)
    coarse = random.integers(40, 216, (8, 12, 3)).astype(np.uint8)
    drawn = cv2.resize(coarse, (width * scale, height * scale), interpolation=cv2.INTER_LINEAR)
    for thing in things(index, facts):
        left, top, wide, high = (int(value * scale) for value in thing.box)
        colour = np.random.default_rng([7, thing.label]).integers(0, 256, 3).astype(np.uint16)
        part = drawn[top : top + high, left : left + wide]
        part[:] = (part + 2 * colour) // 3
    return drawn
