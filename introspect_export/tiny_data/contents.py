"""What a file may hold, by its suffix and by who asked for it: candidates, of which probing finds the right one."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import idx, lists, records
from .scene import Facts, image_suffix, index_of, is_image, label_map, matte, names, picture
from .watch import LIST, OPEN, Ask

Write = Callable[[str, Facts], None]

_MAPS = ('seg', 'map', 'mask', 'depth')
_MATTES = ('alpha', 'trimap')
_GREY = ('.pgm',)
_TRUTH = ('gt', 'hq')


def candidates(ask: Ask, facts: Facts) -> tuple[Write, ...]:
    """The ways to make what was asked for, the likeliest first; none where nothing is known."""
    suffix = posixpath.splitext(ask.path.lower().replace(os.sep, '/').rstrip('/'))[1]
    if is_image(ask.path):
        drawn = _drawn(ask, posixpath.dirname(ask.path.replace(os.sep, '/')))
        return (drawn, _image(ask) if drawn is _labels else _labels)
    annotations = records.ways(ask.path) or idx.ways(ask.path)
    if annotations:
        return annotations
    if suffix in lists.SUFFIXES or (not suffix and ask.kind == OPEN and not ask.key):
        return lists.WAYS
    if not suffix and ask.kind != OPEN:
        return _folders(ask, facts)
    return ()


def _drawn(ask: Ask, folder: str) -> Write:
    """What an image shows: its key in the sample tells it; where it has none, the name of its folder."""
    told = ask.key or posixpath.basename(folder.rstrip('/'))
    if any(part in told for part in _MATTES):
        return _trimap if 'trimap' in told else _alpha
    return _labels if any(part in told for part in _MAPS) else _image(ask)


def _save(path: str, array: Any) -> None:
    import cv2

    suffix = posixpath.splitext(path.lower())[1]
    if suffix in _GREY and array.ndim == 3:
        array = cv2.cvtColor(array, cv2.COLOR_BGR2GRAY)
    done, data = cv2.imencode(suffix, array)
    if not done:
        raise ValueError(f'OpenCV cannot write {path}')
    Path(path).write_bytes(data.tobytes())


def _image(ask: Ask) -> Write:
    """A picture; larger where it is the ground truth of a pair."""
    larger = ask.key.startswith(_TRUTH)

    def write(path: str, facts: Facts) -> None:
        _save(path, picture(index_of(path), facts, facts.scale if larger else 1))

    return write


def _labels(path: str, facts: Facts) -> None:
    _save(path, label_map(index_of(path), facts))


def _alpha(path: str, facts: Facts) -> None:
    _save(path, matte(index_of(path), facts))


def _trimap(path: str, facts: Facts) -> None:
    """What is certain in a matte, and in between what is not."""
    alpha = matte(index_of(path), facts)
    certain = (alpha == 0) | (alpha == 255)
    alpha[~certain] = 128
    _save(path, alpha)


def _folders(ask: Ask, facts: Facts) -> tuple[Write, ...]:
    """A folder: of images, or of folders of images; nothing in it where it was only looked for."""
    wanted = [one for one in ask.suffixes if is_image(one)]
    suffix = next((one for one in ('.png', '.jpg') if one in wanted), wanted[0] if wanted else image_suffix(facts))
    template = dict(facts.templates).get(ask.key, '{}')
    image = _drawn(ask, ask.path.replace(os.sep, '/'))

    def empty(path: str, facts: Facts) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)

    def images(path: str, facts: Facts) -> None:
        empty(path, facts)
        for stem in names(facts.images, facts.digits):
            image(os.path.join(path, template.format(stem) + (facts.ending or suffix)), facts)

    def nested(path: str, facts: Facts) -> None:
        for folder in names(2):
            images(os.path.join(path, folder), facts)

    if ask.kind == LIST:
        return (nested, images) if ask.folders else (images, nested)
    return (empty, images, nested)
