"""Video files, and skeletons: the joints of persons in every frame of a clip."""

from __future__ import annotations

import collections
import functools
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .scene import Facts, generator, index_of, names, picture

VIDEOS = ('.mp4', '.avi', '.mkv', '.mov', '.webm')
_FRAMES = 48
_RATE = 24
_JOINTS = {'COCO': 17, 'NTU RGB+D': 25}


def video(path: str, facts: Facts) -> None:
    """A video as Motion JPEG in an AVI container, of whatever name: readers tell containers by their content.

    Raises:
        ValueError: OpenCV was built without the encoder.
    """
    import cv2

    height, width = facts.shape
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'video.avi')
        writer = cv2.VideoWriter(file, cv2.VideoWriter.fourcc(*'MJPG'), _RATE, (width, height))
        if not writer.isOpened():
            raise ValueError(f'OpenCV cannot write {path}')
        frame = picture(index_of(path), facts)
        for number in range(_FRAMES):
            writer.write(np.roll(frame, number * width // _FRAMES, axis=1))
        writer.release()
        Path(path).write_bytes(Path(file).read_bytes())


def _clip(stem: str, index: int, facts: Facts, joints: int, dimensions: int) -> dict[str, Any]:
    """One person's joints in every frame: persons, frames, joints, coordinates."""
    random = generator(3_000_000 + index, facts.seed)
    steps = random.uniform(-1, 1, (1, _FRAMES, joints, dimensions)).cumsum(axis=1)
    size = np.array([facts.shape[1], facts.shape[0], 1.0][:dimensions])
    clip: dict[str, Any] = {
        'frame_dir': stem,
        'label': facts.class_of(index),
        'img_shape': facts.shape,
        'original_shape': facts.shape,
        'total_frames': _FRAMES,
        'keypoint': (random.uniform(0.2, 0.8, (1, 1, joints, dimensions)) + steps / _FRAMES / 4) * size,
    }
    if dimensions == 2:
        clip['keypoint_score'] = random.uniform(0.5, 1, (1, _FRAMES, joints))
    return clip


def _skeletons(joints: int, dimensions: int, split: bool) -> Callable[[str, Facts], None]:
    def write(path: str, facts: Facts) -> None:
        stems = names(facts.images)
        clips = [_clip(stem, index, facts, joints, dimensions) for index, stem in enumerate(stems)]
        # All clips are in every split, whatever its name.
        splits: dict[str, list[str]] = collections.defaultdict(functools.partial(list, stems))
        Path(path).write_bytes(pickle.dumps({'split': splits, 'annotations': clips} if split else clips))

    return write


SKELETONS = tuple(
    _skeletons(joints, dimensions, split)
    for split in (True, False)
    for joints, dimensions in ((_JOINTS['COCO'], 2), (_JOINTS['NTU RGB+D'], 3), (_JOINTS['NTU RGB+D'], 2))
)
"""The writers of a pickle file: all clips, and which of them are in each split, or a list of clips."""
