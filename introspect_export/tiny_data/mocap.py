"""Motion captures as arrays in files: the joints of every frame in space and on the image, cameras, factors."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from .scene import Facts, chance, things

_FRAMES = 300
"""More than any clip that is cut out of one, with a step between its frames: images of them are not read."""
_SUBJECT, _ACTION, _CAMERA = 'S1', 'Walking 1', '54138969'
_SIDE, _FOCUS, _AWAY = 1000, 1150.0, 4.0


def captured(path: str, facts: Facts) -> None:
    """What is known of every frame: the name of its image, the middle and size of the person, the joints."""
    flat, solid = _joints(facts)
    names = [f'{_SUBJECT}_{_ACTION}.{_CAMERA}_{number + 1:06d}.jpg' for number in range(_FRAMES)]
    seen = np.ones((*flat.shape[:2], 1))
    fields: dict[str, Any] = {
        'imgname': np.array(names),
        'center': flat.mean(axis=1),
        'scale': np.full(_FRAMES, _SIDE / 200),
        'part': np.concatenate([flat, seen], axis=2),
        'S': np.concatenate([solid, seen], axis=2),
    }
    np.savez(path, **fields)


def cameras(path: str, facts: Facts) -> None:
    """The camera of the capture, by the person and its name; it stands where the space begins, as some presume."""
    middle = np.full((2, 1), _SIDE / 2)
    camera = {
        'R': np.eye(3),
        'T': np.zeros((3, 1)),
        'f': np.full((2, 1), _FOCUS),
        'c': middle,
        'k': np.zeros((3, 1)),
        'p': np.zeros((2, 1)),
        'w': _SIDE,
        'h': _SIDE,
    }
    Path(path).write_bytes(pickle.dumps({(_SUBJECT, _CAMERA): camera}))


def factors(path: str, facts: Facts) -> None:
    """A number for every frame."""
    np.save(path, np.linspace(0.9, 1.1, _FRAMES))


def detected(path: str, facts: Facts) -> None:
    """The joints of every frame as somebody found them on the image."""
    flat, _ = _joints(facts)
    np.save(path, np.concatenate([flat + 1, np.full((*flat.shape[:2], 1), 0.9)], axis=2))


def _joints(facts: Facts) -> tuple[Any, Any]:
    """The joints of every frame on the image, and in space before the camera: each moves a little."""
    person = things(0, facts)[0]
    height, width = facts.shape
    resting = person.points(max(facts.keypoints, 1)) / (width, height) - 0.5
    moves = chance(2_000_000, facts.seed).uniform(-0.01, 0.01, (_FRAMES, *resting.shape)).cumsum(axis=0) / 10
    solid = np.concatenate([resting + moves, _AWAY + 0.1 * moves[..., :1]], axis=2)
    flat = solid[..., :2] * _FOCUS / solid[..., 2:] + _SIDE / 2
    return np.round(flat, 3), np.round(solid, 5)
