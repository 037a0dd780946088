"""The candidate writers of a requested file or folder, by its suffix and role; ``Probe`` finds the right one."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import annotation_files, clouds, idx, list_files
from .clips import VIDEOS, video
from .file_requests import LIST, OPEN, Request
from .scene import Facts, alpha_matte, image_suffix, index_of, is_image, label_map, names, picture

Write = Callable[[str, Facts], None]

_MAPS = ('seg', 'map', 'mask', 'depth')
_MATTES = ('alpha', 'trimap')
_GREY = ('.pgm',)
_TRUTH = ('gt', 'hq')


def candidates(request: Request, facts: Facts) -> tuple[Write, ...]:
    """The writers that may make a requested path, likeliest first; none for an unknown suffix."""
    path = request.path.replace(os.sep, '/')
    suffix, folder = posixpath.splitext(path.lower().rstrip('/'))[1], posixpath.dirname(path)
    if is_image(request.path):
        drawn = _drawn(request, folder)
        # A list names videos like images: only whoever reads one finds out.
        return (drawn, _image(request) if drawn is _labels else _labels, video)
    if suffix in VIDEOS:
        return (video,)
    if suffix in clouds.SUFFIXES:
        return clouds.LABELS if clouds.is_of_labels(_hint(request, folder)) else clouds.CLOUDS
    annotations = annotation_files.writers(request.path) or idx.writers(request.path)
    if annotations:
        return annotations
    if suffix in list_files.SUFFIXES or (not suffix and request.kind == OPEN and not request.key):
        return list_files.writers(path, request.columns)
    if not suffix and request.kind != OPEN:
        return _folders(request, facts)
    return ()


def _hint(request: Request, folder: str) -> str:
    """What says most about the content: the key of the path in the sample, or else the name of a folder."""
    return request.key or posixpath.basename(folder.rstrip('/'))


def _drawn(request: Request, folder: str) -> Write:
    """The writer of an image, by its hint."""
    hint = _hint(request, folder)
    if any(part in hint for part in _MATTES):
        return _trimap if 'trimap' in hint else _alpha
    return _labels if any(part in hint for part in _MAPS) else _image(request)


def _save(path: str, array: Any) -> None:
    import cv2

    suffix = posixpath.splitext(path.lower())[1]
    if suffix in _GREY and array.ndim == 3:
        array = cv2.cvtColor(array, cv2.COLOR_BGR2GRAY)
    done, data = cv2.imencode(suffix, array)
    if not done:
        raise ValueError(f'OpenCV cannot write {path}')
    Path(path).write_bytes(data.tobytes())


def _image(request: Request) -> Write:
    """A writer of colour images; larger ones for the ground truth of a pair."""
    larger = request.key.startswith(_TRUTH)

    def write(path: str, facts: Facts) -> None:
        _save(path, picture(index_of(path), facts, facts.scale if larger else 1))

    return write


def _labels(path: str, facts: Facts) -> None:
    _save(path, label_map(index_of(path), facts))


def _alpha(path: str, facts: Facts) -> None:
    _save(path, alpha_matte(index_of(path), facts))


def _trimap(path: str, facts: Facts) -> None:
    """An alpha matte, reduced to foreground, background and unknown."""
    alpha = alpha_matte(index_of(path), facts)
    certain = (alpha == 0) | (alpha == 255)
    alpha[~certain] = 128
    _save(path, alpha)


def _folders(request: Request, facts: Facts) -> tuple[Write, ...]:
    """The writers of a folder: of images, of folders of images, or empty where only its existence is checked."""
    wanted = [one for one in request.suffixes if is_image(one)]
    suffix = next((one for one in ('.png', '.jpg') if one in wanted), wanted[0] if wanted else image_suffix(facts))
    template = dict(facts.templates).get(request.key, '{}')
    image = _drawn(request, request.path.replace(os.sep, '/'))

    def empty(path: str, facts: Facts) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)

    def images(path: str, facts: Facts) -> None:
        empty(path, facts)
        for stem in names(facts.images, facts.digits):
            image(os.path.join(path, template.format(stem) + (facts.ending or suffix)), facts)

    def nested(path: str, facts: Facts) -> None:
        for folder in names(2):
            images(os.path.join(path, folder), facts)

    if request.kind == LIST:
        return (nested, images) if request.folders else (images, nested)
    return (empty, images, nested)
