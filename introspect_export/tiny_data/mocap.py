"""Motion capture data as NumPy and pickle files: 3D and 2D joints of every frame, cameras, scale factors."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from .scene import Facts, generator, things

_FRAMES = 300
"""More than any clip needs, also one with a step between its frames; no images are made for them."""
_SUBJECT, _ACTION, _CAMERA = 'S1', 'Walking 1', '54138969'
_SIDE, _FOCUS, _AWAY = 1000, 1150.0, 4.0


def captured(path: str, facts: Facts) -> None:
    """Of every frame the name of its image, the centre and scale of the person, and the joints."""
    joints_2d, joints_3d = _joints(facts)
    names = [f'{_SUBJECT}_{_ACTION}.{_CAMERA}_{number + 1:06d}.jpg' for number in range(_FRAMES)]
    seen = np.ones((*joints_2d.shape[:2], 1))
    fields: dict[str, Any] = {
        'imgname': np.array(names),
        'center': joints_2d.mean(axis=1),
        'scale': np.full(_FRAMES, _SIDE / 200),
        'part': np.concatenate([joints_2d, seen], axis=2),
        'S': np.concatenate([joints_3d, seen], axis=2),
    }
    np.savez(path, **fields)


def cameras(path: str, facts: Facts) -> None:
    """The camera by subject and name; it is at the origin, which some data sets presume."""
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
    """A scale factor for every frame."""
    np.save(path, np.linspace(0.9, 1.1, _FRAMES))


def detected(path: str, facts: Facts) -> None:
    """The 2D joints of every frame, as a detector finds them."""
    joints_2d, _ = _joints(facts)
    np.save(path, np.concatenate([joints_2d + 1, np.full((*joints_2d.shape[:2], 1), 0.9)], axis=2))


def _joints(facts: Facts) -> tuple[Any, Any]:
    """The 2D and 3D joints of every frame; they move a little from frame to frame."""
    person = things(0, facts)[0]
    height, width = facts.shape
    resting = person.points(max(facts.keypoints, 1)) / (width, height) - 0.5
    moves = generator(2_000_000, facts.seed).uniform(-0.01, 0.01, (_FRAMES, *resting.shape)).cumsum(axis=0) / 10
    joints_3d = np.concatenate([resting + moves, _AWAY + 0.1 * moves[..., :1]], axis=2)
    joints_2d = joints_3d[..., :2] * _FOCUS / joints_3d[..., 2:] + _SIDE / 2
    return np.round(joints_2d, 3), np.round(joints_3d, 5)
