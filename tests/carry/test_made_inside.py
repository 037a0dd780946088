"""Functions that other functions made, carried without their code."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from introspect_export.carry.closure_functions import made_inside
from introspect_export.carry.loader import enclosed

MODULE = """
import functools


def scaled(factor, offset=1):
    def inner(x, more=2, *, most=3):
        def innermost():
            return x * factor + more
        return innermost() + offset + most
    return inner


class Maker:
    def made(self, name):
        def told(x):
            return name, x
        return told


def counted():
    count = 0
    def up():
        nonlocal count
        count += 1
    def now():
        return count
    return now, up


def holding(value):
    def held():
        return value
    return held


def twice(first):
    if first:
        def same():
            return 1
    else:
        def same():
            return 2
    return same


@functools.lru_cache
def cached(x):
    def inner():
        return x
    return inner
"""


@pytest.fixture
def makers(small_project: Callable[..., Path]) -> Any:
    small_project({'enclosing_makers.py': MODULE})
    return importlib.import_module('enclosing_makers')


def test_made_again(makers: Any) -> None:
    for function in (makers.scaled(3), makers.Maker().made('a')):
        made = made_inside(function)
        assert made is not None
        again = enclosed(*made)
        assert again is not function and again.__qualname__ == function.__qualname__
        assert (again.__module__, again.__name__, again(5)) == (function.__module__, function.__name__, function(5))
        assert again.__kwdefaults__ == function.__kwdefaults__ and again.__defaults__ == function.__defaults__


def test_what_would_not_be_the_same(makers: Any) -> None:
    now, up = makers.counted()
    assert made_inside(now) is None and made_inside(up) is None  # They share a variable.
    assert made_inside(makers.holding([])) is None  # Somebody else may have the list, too.
    assert made_inside(makers.holding('text')) is not None
    assert made_inside(makers.twice(True)) is None  # Two have this name.
    assert made_inside(makers.cached(1)) is None  # The name leads to what wraps the function.
    marked = makers.holding('text')
    marked.mark = 1
    assert made_inside(marked) is None
    assert made_inside(makers.scaled) is None and made_inside(makers.Maker) is None
