"""What is to be seen on an image: decided by its name alone, so that its pixels and its annotations agree."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

INSTANCES = 2
"""How many objects there are on each image."""

IMAGES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp', '.ppm', '.pgm')

DIGITS = 6
"""How many the numbers in names have where nobody wants others."""

_NUMBER = re.compile(r'\d+')


@dataclass(frozen=True)
class Facts:
    """What an annotation has to fit.

    Attributes:
        images: How many images there are.
        shape: Height and width of an image.
        seed: What chance is drawn with.
        classes: The names of the classes.
        countable: The names of those of which there are objects; the others are stuff. Nothing where all are.
        keypoints: How many keypoints an object has.
        suffixes: The endings that the data set gives to the names of its files.
        scale: How many times the size of its input the ground truth of an image pair has.
        keys: What the pipeline loads, by the names it gives to it.
        templates: How names are made of an image's own in the folder under a key: ``gt``, ``{}_GT``.
        digits: How many the numbers of images in folders have.
        ending: The ending of their names; nothing for one that suits who lists them.
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
    digits: int = DIGITS
    ending: str = ''

    def is_countable(self, name: str) -> bool:
        """Whether there are objects of a class."""
        return not self.countable or name in self.countable

    def word(self, thing: Thing) -> str:
        """What an object is called: by its class, where there are any."""
        return (self.classes or ('thing',))[thing.label]

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
        """An eight-cornered outline, flat: x, y, x, y, …."""
        left, top, width, height = self.box
        across, down = (0.25, 0.75, 1.0, 1.0, 0.75, 0.25, 0.0, 0.0), (0.0, 0.0, 0.25, 0.75, 1.0, 1.0, 0.75, 0.25)
        return [round(v, 2) for x, y in zip(across, down) for v in (left + x * width, top + y * height)]

    def points(self, count: int) -> Any:
        """Keypoints inside of the box, an array of one a row."""
        left, top, width, height = self.box
        turn = np.arange(count) * 2.399963  # The golden angle spreads any number of points evenly.
        reach = np.sqrt((np.arange(count) + 0.5) / max(count, 1)) * 0.45
        x, y = left + width * (0.5 + reach * np.cos(turn)), top + height * (0.5 + reach * np.sin(turn))
        return np.round(np.stack([x, y], axis=1), 2)


def names(count: int, digits: int = DIGITS) -> list[str]:
    """The stems of the images' names."""
    return [f'{index:0{digits}d}' for index in range(count)]


def is_image(path: str) -> bool:
    """Whether a path, or an ending of one, is that of an image."""
    return path.lower().endswith(IMAGES)


def image_suffix(facts: Facts) -> str:
    """The ending of the images' names: the data set's own, where it has one."""
    return next((one for one in facts.suffixes if is_image(one)), '.jpg')


def index_of(path: str) -> int:
    """The number of an image, from its name."""
    found = _NUMBER.findall(path.replace('\\', '/').rpartition('/')[2])
    return int(found[0][-6:]) if found else zlib.crc32(path.encode()) % 1000


def chance(index: int, seed: int) -> np.random.Generator:
    """The random numbers of an image."""
    return np.random.default_rng([seed, index])


def things(index: int, facts: Facts) -> list[Thing]:
    """The objects on an image: side by side, most of its height."""
    height, width = facts.shape
    random = chance(index, facts.seed)
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
    """The class of every pixel: that of the objects, and one of a background; without classes 1 for objects and 0."""
    height, width = facts.shape
    count = min(max(len(facts.classes), 2), 255)
    background = int(chance(index + 500_000, facts.seed).integers(count)) if facts.classes else 0
    drawn = np.full((height, width), background, np.uint8)
    for thing in things(index, facts):
        drawn[thing.place] = thing.label % count if facts.classes else 1
    return drawn


def stencil(thing: Thing, shape: tuple[int, int]) -> Any:
    """1 where an object is, else 0."""
    drawn = np.zeros(shape, np.uint8)
    drawn[thing.place] = 1
    return drawn


def matte(index: int, facts: Facts) -> Any:
    """How opaque every pixel is, from 0 to 255: objects wholly, but for what is near their borders."""
    import cv2

    height, width = facts.shape
    drawn = np.maximum.reduce([stencil(thing, facts.shape) for thing in things(index, facts)])
    return cv2.blur(drawn * 255, (max(width // 16, 1), max(height // 16, 1)))


def picture(index: int, facts: Facts, scale: int = 1) -> Any:
    """An image in colour: a coarse noise, enlarged, and the objects in a colour of their class."""
    import cv2

    height, width = facts.shape
    random = chance(index + 1_000_000, facts.seed)
    coarse = random.integers(40, 216, (8, 12, 3)).astype(np.uint8)
    drawn = cv2.resize(coarse, (width * scale, height * scale), interpolation=cv2.INTER_LINEAR)
    for thing in things(index, facts):
        left, top, wide, high = (int(value * scale) for value in thing.box)
        colour = np.random.default_rng([7, thing.label]).integers(0, 256, 3).astype(np.uint16)
        part = drawn[top : top + high, left : left + wide]
        part[:] = (part + 2 * colour) // 3
    return drawn
