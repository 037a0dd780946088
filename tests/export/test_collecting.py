"""How often garbage is looked for while exporting, and that it is as before afterwards."""

from __future__ import annotations

import gc

import pytest

from introspect_export.collecting import seldom_collected


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
