"""Generated hierarchies: whatever originals do, flattened classes do, event for event."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linear_hierarchies import Hierarchy, Maker
from linear_running import World

EXAMPLES = 500
COUNTS: Counter[str] = Counter()


class Drawn:
    """Choices that hypothesis makes, and makes simpler when it has found a difference."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def below(self, limit: int) -> int:
        return int(self._data.draw(st.integers(0, limit - 1)))


def check(world: World, hierarchy: Hierarchy) -> None:
    try:
        classes = world.load(hierarchy)
    except TypeError:
        # A class body that fails by itself tells nothing.
        return
    for cls in classes:
        if not any(world.is_origin(each.__module__) for each in cls.__mro__[1:]):
            continue
        flat, result = world.flatten(cls)
        COUNTS['flattened' if flat.merged else 'refused'] += 1
        assert flat.merged or flat.diagnostics
        if flat.merged:
            assert not any(world.is_origin(each.__module__) for each in result.__mro__[1:])
            expected = world.record(cls)
            assert world.record(result) == expected, flat.text
            inlined, result = world.flatten(cls, inline=True)
            if inlined.text != flat.text:
                COUNTS['inlined'] += 1
                assert world.record(result) == expected, inlined.text


@settings(
    max_examples=EXAMPLES, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_same_events(tmp_path: Path, data: Any) -> None:
    check(World(tmp_path, 'hm'), Maker(Drawn(data), 'hm').make())


@settings(
    max_examples=EXAMPLES // 5, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_same_events_of_methods_that_hand_on(tmp_path: Path, data: Any) -> None:
    check(World(tmp_path, 'hm'), Maker(Drawn(data), 'hm', hands_on=True).make())


def test_few_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Runs after the tests above: a flattener that refuses everything is never wrong."""
    total = COUNTS['flattened'] + COUNTS['refused']
    if total:
        share = COUNTS['refused'] / total
        with capsys.disabled():
            print(f' [{total} classes, {COUNTS["inlined"]} inlined, {100 * share:.1f} % refused] ', end='')
        assert share < 0.05
        assert COUNTS['inlined']
