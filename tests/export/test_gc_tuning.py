"""How often garbage is looked for while exporting, and that it is as before afterwards."""

from __future__ import annotations

import gc
import weakref

import pytest

from introspect_export.gc_tuning import seldom_collected


def test_seldom_inside_and_as_before_outside() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), seldom_collected():
        assert gc.get_threshold()[0] > 50_000
        assert gc.get_threshold()[1:] == before[1:]
        raise KeyError
    assert gc.get_threshold() == before


def test_who_switched_it_off_finds_it_off() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


def test_what_is_new_is_old_afterwards() -> None:
    gc.collect()
    with seldom_collected():
        made = [[] for _ in range(20_000)]
        assert gc.get_count()[0] >= 20_000
    assert gc.get_count()[0] < 1_000
    assert any(each is made[0] for each in gc.get_objects(generation=2))
    assert gc.get_freeze_count() == 0


def test_circles_of_garbage_are_still_found() -> None:
    class Node:
        pass

    with seldom_collected():
        node = Node()
        node.me = node  # type: ignore[attr-defined]
        seen = weakref.ref(node)
        del node
    assert seen() is not None
    gc.collect()
    assert seen() is None
