"""Generated hierarchies: whatever originals do, flattened classes do, event for event."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linear_hierarchies import Maker
from linear_running import World
from linear_sketches import Hierarchy, Seeded

# `make unit` tries fewer.
EXAMPLES = int(os.environ.get('PROPERTY_EXAMPLES', '500'))
SEEDS = 120


class Drawn:
    """Choices that hypothesis makes, and makes simpler when it has found a difference."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def below(self, limit: int) -> int:
        return int(self._data.draw(st.integers(0, limit - 1)))


def made(world: World, hierarchy: Hierarchy) -> list[type]:
    """The classes of a hierarchy that have something to merge."""
    try:
        classes = world.load(hierarchy)
    except TypeError:
        # A class body that fails by itself tells nothing.
        return []
    return [cls for cls in classes if any(world.is_origin(each.__module__) for each in cls.__mro__[1:])]


def check(world: World, hierarchy: Hierarchy) -> None:
    for cls in made(world, hierarchy):
        flat, result = world.flatten(cls)
        assert flat.merged or flat.diagnostics
        if flat.merged:
            stay = [each for each in result.__mro__[1:] if world.is_origin(each.__module__)]
            asked = any(each.code == 'IE-KEPT-BASE' for each in flat.diagnostics)
            assert not stay or asked or any(getattr(each, '_is_protocol', False) for each in stay), flat.text
            expected = world.record(cls)
            assert world.record(result) == expected, flat.text
            inlined, result = world.flatten(cls, inline=True)
            if inlined.text != flat.text:
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


def test_few_are_refused(tmp_path: Path) -> None:
    """A flattener that refuses everything is never wrong.

    What hypothesis draws is no sample: it looks for what is odd, so that the share of it differs from run to run.
    """
    world, counts = World(tmp_path, 'hm'), Counter[str]()
    for seed in range(400, 400 + SEEDS):
        for cls in made(world, Maker(Seeded(seed), 'hm', hands_on=seed % 3 == 2).make()):
            flat, _ = world.flatten(cls)
            counts['flattened' if flat.merged else 'refused'] += 1
            if flat.merged and world.flatten(cls, inline=True)[0].text != flat.text:
                counts['inlined'] += 1
    assert counts['refused'] < 0.05 * (counts['flattened'] + counts['refused']), counts
    assert counts['flattened'] > 3 * SEEDS, counts
    assert counts['inlined'] > SEEDS // 10, counts
