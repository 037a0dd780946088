"""Trees of values, and the first difference between two of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from introspect_export.verify.child.plain_trees import digest, encode, storable
from introspect_export.verify.compare import Comparison, tensors
from introspect_export.verify.renamed_types import RenamedTypes

MANIFEST = {
    'origins': ['lib'],
    'symbols': [
        {'symbol': 'lib.models.head:Head', 'in': 'pack/models/head.py'},
        {'symbol': 'lib.models:Net', 'in': 'pack/models/__init__.py'},
    ],
}


@dataclasses.dataclass
class Point:
    x: float
    y: Any = None


class Slotted:
    __slots__ = ('a', 'b')

    def __init__(self, a: Any) -> None:
        self.a = a


class Plain:
    def __init__(self, value: Any) -> None:
        self.value = value
        self.me = self


def first(original: Any, pack: Any) -> str:
    return Comparison(RenamedTypes({})).first(encode(original), encode(pack), 'it')


@pytest.mark.parametrize(
    'make',
    [
        lambda: torch.tensor([1.0, float('nan'), -0.0]),
        lambda: torch.zeros(0, 3),
        lambda: torch.arange(10.0).reshape(2, 5)[:1, 4],
        lambda: torch.arange(6).reshape(2, 3).t(),
        lambda: np.array([[1, 2], [3, 4]])[::-1],
        lambda: np.array(['a', None], dtype=object),
        lambda: np.float32(0.5),
        lambda: {'a': [1, (2.0, None)], 'b': {3, 1, 2}, 4: b'x'},
        lambda: InstanceData(bboxes=torch.ones(2, 4), labels=torch.tensor([1, 2]), metainfo={'shape': (3, 4)}),
        lambda: Point(float('nan'), Slotted([1])),
        lambda: Plain(Plain(3)),
        lambda: torch.float16,
        lambda: torch.tensor([1 + 2j]).conj(),
        lambda: len,
    ],
)
def test_equal_values_are_equal_also_after_a_file(make: Any, tmp_path: Path) -> None:
    assert first(make(), make()) == ''
    assert digest(make()) == digest(make())
    torch.save(storable(encode(make())), tmp_path / 'a.pt')
    kept = torch.load(tmp_path / 'a.pt', weights_only=False)
    assert Comparison(RenamedTypes({})).first(encode(make()), kept) == ''


@pytest.mark.parametrize(
    ('original', 'pack', 'said'),
    [
        (
            torch.tensor([[0.0, 0.1], [0.2, 0.3]]),
            torch.tensor([[0.0, 0.1], [0.25, 0.3]]),
            'it differs first at (1, 0): original 0.2, pack 0.25 (1 of 4 numbers differ)',
        ),
        (torch.tensor(0.0), torch.tensor(-0.0), 'it differs: original 0.0, pack -0.0'),
        (torch.tensor([1]), torch.tensor([1.0]), 'it differs: original is torch.int64 of shape (1,), pack is '),
        (np.array([1, 2]), np.array([1, 3]), 'it differs first at (1,): original 2, pack 3 (1 of 2 numbers differ)'),
        ([1, 2], [1, 2, 3], 'it: original has 2 items, pack 3'),
        ((1, 2), [1, 2], 'it: original is tuple with 2 items, pack is list with 2 items'),
        ({'a': 1, 'b': 2}, {'b': 2, 'a': 1}, 'it: original has a, b in this order, pack b, a'),
        ({'a': 1}, {'b': 1, 'c': 2}, 'it: pack lacks a and pack adds b, c'),
        ({'a': {'b c': 'x'}}, {'a': {'b c': 'y'}}, "it.a['b c']: original 'x', pack 'y'"),
        ([None, True], [None, 1], 'it[1]: original is True, pack is 1'),
        (Point(1.0, 2), Point(1.0, None), 'it.y: original is 2, pack is None'),
        (Slotted(1), Slotted(2), 'it.a: original 1, pack 2'),
        (Plain(1), Plain(2), 'it.value: original 1, pack 2'),
        (float('nan'), 0.0, 'it: original nan, pack 0.0'),
        (len, max, 'it: original builtins:len, pack builtins:max'),
        (
            {'gt': InstanceData(bboxes=torch.tensor([[0.0, 1.0]]))},
            {'gt': InstanceData(bboxes=torch.tensor([[0.0, 2.0]]))},
            'it.gt.bboxes differs first at (0, 1): original 1.0, pack 2.0 (1 of 2 numbers differ)',
        ),
        (InstanceData(metainfo={'a': 1}), InstanceData(metainfo={'a': 2}), 'it.a: original 1, pack 2'),
        (InstanceData(), PixelData(), 'it: original is InstanceData with 0 items, pack is PixelData with 0 items'),
    ],
)
def test_the_first_difference_is_named(original: Any, pack: Any, said: str) -> None:
    assert first(original, pack).startswith(said)
    # A checksum knows the numbers, and not what classes and functions are called.
    assert (digest(original) == digest(pack)) == (said.endswith('max') or ' items, pack is ' in said)


def test_lazy_conjugates_and_negations_are_the_numbers_that_they_stand_for() -> None:
    lazy = torch.tensor([1 + 2j, 3 - 4j]).conj()
    assert lazy.is_conj() and tensors(lazy, torch.tensor([1 - 2j, 3 + 4j])) == ''
    assert lazy.imag.is_neg() and tensors(lazy.imag, torch.tensor([-2.0, 4.0])) == ''
    assert 'original -2.0, pack 2.0' in tensors(lazy.imag, torch.tensor([2.0, 4.0]))


def test_a_number_is_told_from_its_neighbour() -> None:
    one = torch.tensor([0.1])
    assert (
        tensors(one, torch.nextafter(one, torch.tensor([1.0])))
        == 'differs first at (0,): original 0.1, pack 0.10000001'
    )


@pytest.mark.parametrize(
    ('original', 'pack', 'agree'),
    [
        ('lib.models.head:Head', 'pack.models.head:Head', True),
        ('lib.models.head:Head.Part', 'pack.models.head:Head.Part', True),
        ('lib.models:Net', 'pack.models:Net', True),
        ('lib.models.head:Head', 'pack.models.neck:Head', False),
        ('lib.models.head:Head', 'lib.models.head:Head', False),
        ('lib.made_by_a_call:X', 'pack.models.head:X', True),
        ('lib.made_by_a_call:X', 'pack.models.head:Y', False),
        ('torch.nn:Conv2d', 'torch.nn:Conv2d', True),
        ('torch.nn:Conv2d', 'pack.nn:Conv2d', False),
    ],
)
def test_classes_are_those_that_the_manifest_says(original: str, pack: str, agree: bool) -> None:
    assert RenamedTypes(MANIFEST).agrees(original, pack) is agree


def test_what_the_pack_should_call_a_class() -> None:
    assert RenamedTypes(MANIFEST).expected('lib.models:Net') == 'pack.models:Net'
    assert RenamedTypes(MANIFEST).expected('torch.nn:Conv2d') == 'torch.nn:Conv2d'
