"""The content of images by the key or the folder of their path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from introspect_export.tiny_data.coco import coco
from introspect_export.tiny_data.file_contents import candidates
from introspect_export.tiny_data.file_requests import LIST, OPEN, Request
from introspect_export.tiny_data.scene import Facts, things

FACTS = Facts(images=3, shape=(64, 128), seed=0)


def made(tmp_path: Path, request: Request, facts: Facts = FACTS) -> Any:
    import cv2

    candidates(request, facts)[0](request.path, facts)
    written = next(each for each in (tmp_path, *tmp_path.rglob('*')) if each.suffix == '.png')
    return cv2.imread(str(written), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize(('name', 'key'), [('one.png', 'trimap'), ('trimaps/one.png', '')])
def test_a_trimap_says_what_is_certain(tmp_path: Path, name: str, key: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    values = np.unique(made(tmp_path, Request(OPEN, str(tmp_path / name), True, key=key)))
    assert values.tolist() == [0, 128, 255]


def test_a_matte_is_opaque_clear_and_in_between(tmp_path: Path) -> None:
    values = np.unique(made(tmp_path, Request(LIST, str(tmp_path / 'alpha'), True, suffixes=('.png',))))
    assert values[0] == 0
    assert values[-1] == 255
    assert len(values) > 3


def test_a_mask_without_classes_is_of_objects(tmp_path: Path) -> None:
    (tmp_path / 'holes_mask').mkdir()
    drawn = made(tmp_path, Request(OPEN, str(tmp_path / 'holes_mask' / '000001.png'), True))
    assert np.unique(drawn).tolist() == [0, 1]
    assert all(bool((drawn[thing.place] == 1).all()) for thing in things(1, FACTS))


def test_an_image_without_hints_is_a_colour_image(tmp_path: Path) -> None:
    assert made(tmp_path, Request(OPEN, str(tmp_path / 'one.png'), True)).shape == (64, 128, 3)


def test_sets_of_keypoints_have_fields_by_their_size() -> None:
    annotation = coco(Facts(images=1, shape=(64, 128), seed=0, keypoints=21), divided=False)['annotations'][0]
    assert annotation['keypoints_21'] == annotation['keypoints']
    assert len(annotation['keypoints']) == 3 * 21
