"""What a file may hold, by its suffix and by who asked for it: candidates, of which probing finds the right one."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .coco import coco, detections, panoptic
from .scene import Facts, index_of, label_map, names, picture
from .watch import LIST, Ask

IMAGES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp', '.ppm', '.pgm')
_MAPS = ('seg', 'map', 'mask', 'depth', 'trimap')
_LINES = ('.txt', '.lst', '.list', '')

Write = Callable[[str, Facts], None]


def candidates(ask: Ask, facts: Facts) -> tuple[Write, ...]:
    """The ways to make what was asked for, the likeliest first; none where nothing is known."""
    suffix = posixpath.splitext(ask.path.lower().replace(os.sep, '/').rstrip('/'))[1]
    if suffix in IMAGES:
        return (_labels, _image) if _is_map(ask) else (_image, _labels)
    if suffix in ('.json', '.odgt', '.jsonl'):
        return _JSON
    if suffix == '.txt' or (not suffix and ask.kind == 'open' and not ask.key):
        return _lists(facts)
    if not suffix and ask.kind != 'open':
        return _folders(ask, facts)
    return ()


def _is_map(ask: Ask) -> bool:
    return any(part in ask.key for part in _MAPS)


def image_suffix(facts: Facts) -> str:
    """The ending of the images' names: the data set's own, where it has one."""
    own = [one for one in facts.suffixes if one.lower().endswith(IMAGES)]
    return own[0] if own else '.jpg'


def _save(path: str, array: Any) -> None:
    import cv2

    suffix = posixpath.splitext(path.lower())[1]
    done, data = cv2.imencode(suffix if suffix in IMAGES else '.png', array)
    if not done:
        raise ValueError(f'OpenCV cannot write {path}')
    Path(path).write_bytes(data.tobytes())


def _image(path: str, facts: Facts) -> None:
    _save(path, picture(index_of(path), facts))


def _labels(path: str, facts: Facts) -> None:
    _save(path, label_map(index_of(path), facts))


def _as_json(content: Callable[[Facts, str], Any]) -> Write:
    def write(path: str, facts: Facts) -> None:
        Path(path).write_text(json.dumps(content(facts, image_suffix(facts))), encoding='utf-8')

    return write


_JSON: tuple[Write, ...] = (
    _as_json(lambda facts, suffix: coco(facts, suffix, True)),
    _as_json(lambda facts, suffix: coco(facts, suffix, False)),
    _as_json(panoptic),
    _as_json(detections),
)


def _lists(facts: Facts) -> tuple[Write, ...]:
    suffix = image_suffix(facts)

    def listing(line: str) -> Write:
        def write(path: str, facts: Facts) -> None:
            lines = [line.format(stem=stem, suffix=suffix) for stem in names(facts.images)]
            Path(path).write_text('\n'.join(lines) + '\n', encoding='utf-8')

        return write

    return tuple(listing(line) for line in ('{stem}', '{stem}{suffix}', '{stem}{suffix} 0'))


def _folders(ask: Ask, facts: Facts) -> tuple[Write, ...]:
    wanted = [one for one in ask.suffixes if one.lower().endswith(IMAGES)]
    suffix = next((one for one in ('.png', '.jpg') if one in wanted), wanted[0] if wanted else image_suffix(facts))

    def empty(path: str, facts: Facts) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)

    def images(path: str, facts: Facts) -> None:
        empty(path, facts)
        for stem in names(facts.images):
            _image(os.path.join(path, stem + suffix), facts)

    def nested(path: str, facts: Facts) -> None:
        for folder in names(2):
            images(os.path.join(path, folder), facts)

    if ask.kind == LIST:
        return (nested, images) if ask.folders else (images, nested)
    return (empty, images, nested)
