"""Which place of the config a dict stands for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from introspect_export.observe.config_paths import ConfigPaths
from introspect_export.observe.plain import plain
from introspect_export.sandbox.config_tree import own_tree

CONFIG = {
    'model': {
        'type': 'Net',
        'norm': {'type': 'BN', 'eps': 0.1, 'momentum': 0.2},
        'heads': [{'type': 'Head', 'classes': 3}, {'type': 'Head', 'classes': 5}],
    },
    'other': {'type': 'Head', 'classes': 3},
}


@pytest.fixture
def tree() -> Any:
    return own_tree(CONFIG)


def test_identity_comes_first(tree: Any) -> None:
    paths = ConfigPaths(tree)
    assert paths.of(tree['other'], 'Head', 'model') == 'other'
    assert paths.of(tree['model']['heads'][1], 'Head', '') == 'model.heads.1'


def test_a_copy_is_found_below_what_is_under_way(tree: Any) -> None:
    paths = ConfigPaths(tree)
    head = copy.deepcopy(tree['model']['heads'][0])
    assert paths.of(head, 'Head', 'model') == 'model.heads.0'
    assert paths.of(head, 'Head', 'other') == 'other'
    assert paths.of(dict(head, extra=1), 'Head', 'model') == 'model.heads.0'


@pytest.mark.parametrize(
    'made',
    [
        {'type': 'Head', 'classes': 4},
        {'type': 'Neck', 'classes': 3},
        {'type': 'BN'},
        {'type': 'BN', 'eps': object()},
    ],
)
def test_what_code_made_has_no_path(tree: Any, made: dict[str, Any]) -> None:
    assert ConfigPaths(tree).of(made, made['type'], 'model') == ''


def test_a_copy_that_lost_an_item_is_still_one(tree: Any) -> None:
    norm = copy.deepcopy(tree['model']['norm'])
    norm.pop('momentum')
    assert ConfigPaths(tree).of(norm, 'BN', 'model') == 'model.norm'


def test_building_may_empty_the_dicts(tree: Any) -> None:
    paths = ConfigPaths(tree)
    head = copy.deepcopy(tree['model']['heads'][1])
    tree['model']['heads'][1].clear()
    assert paths.of(head, 'Head', 'model') == 'model.heads.1'


def test_trees_share_nothing() -> None:
    shared = {'type': 'Head', 'range': (1, [2])}
    tree = own_tree({'one': shared, 'two': [shared]})
    assert tree['one'] is not tree['two'][0]
    assert tree['one'] == tree['two'][0] == shared
    assert plain(tree) == {'one': shared, 'two': [shared]}
    assert type(plain(tree)['two'][0]) is dict


def test_plain_values() -> None:
    import functools

    import numpy

    given = {'a': int, 'b': functools.partial(max, key=len), 'c': {3, 1}, 'd': numpy.float64(0.5), 'e': (1, None)}
    assert plain(given) == {'a': 'builtins.int', 'b': 'builtins.max', 'c': {1, 3}, 'd': 0.5, 'e': (1, None)}
    assert type(plain(given)['d']) is numpy.float64
