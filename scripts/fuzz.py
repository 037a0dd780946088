"""Flatten generated class hierarchies and compare what originals and results do, as many as one likes.

Usage: python scripts/fuzz.py [-n N] [--seed S] [--hand-on] [--keep-going]
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / 'tests' / 'linearize')]

from linear_hierarchies import Maker  # noqa: E402
from linear_running import World  # noqa: E402
from linear_sketches import Hierarchy, Seeded  # noqa: E402

# A statement that is all one call of a method with a second name: without one, nothing can be written out.
CALL = re.compile(r'(?m)^ +(return |[\w =]+ = )?\w+\._\w+\(')


def compare(world: World, hierarchy: Hierarchy, counts: Counter[str]) -> str | None:
    """Flatten every class of a hierarchy; return a description of the first difference."""
    try:
        classes = world.load(hierarchy)
    except Exception as error:
        counts[f'not importable: {type(error).__name__}: {error}'[:60]] += 1
        return None
    for cls in classes:
        counts['classes'] += 1
        try:
            flat, result = world.flatten(cls)
        except Exception:
            return f'{cls.__name__}: {traceback.format_exc()}'
        if not flat.merged:
            ancestors = [each for each in cls.__mro__[1:] if world.is_origin(each.__module__)]
            counts['refused' if ancestors else 'nothing to merge'] += 1
            counts.update({f'refused {each.code}': 1 for each in flat.diagnostics})
            if ancestors and not flat.diagnostics:
                return f'{cls.__name__}: neither flattened nor refused'
            continue
        counts['flattened'] += 1
        expected = world.record(cls)
        results = [(flat, result)]
        if CALL.search(flat.text):
            inlined = world.flatten(cls, inline=True)
            if inlined[0].text != flat.text:
                counts['inlined'] += 1
                results.append(inlined)
        for made, result in results:
            for number, (before, after) in enumerate(zip(expected, world.record(result), strict=False)):
                if before != after:
                    return f'{cls.__name__}, action {number}:\n  {before}\n  {after}\n{made.text}'
    return None


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('-n', type=int, default=1000)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--hand-on', action='store_true', help='mostly methods that may be written out where called')
    parser.add_argument('--keep-going', action='store_true')
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    wrong = 0
    start = time.time()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), 'hm')
        for seed in range(options.seed, options.seed + options.n):
            hierarchy = Maker(Seeded(seed), 'hm', hands_on=options.hand_on).make()
            difference = compare(world, hierarchy, counts)
            if difference:
                wrong += 1
                print(f'--- seed {seed}: {difference}')
                if not options.keep_going:
                    print('\n'.join(f'=== module {n}\n{text}' for n, text in enumerate(hierarchy.texts)))
                    break
            if (seed - options.seed + 1) % 500 == 0:
                print(f'{seed - options.seed + 1} done; {summary(counts, wrong, start)}', file=sys.stderr, flush=True)
    for name, count in sorted(counts.items()):
        print(f'{name:40} {count}')
    print(summary(counts, wrong, start))
    return 1 if wrong else 0


def summary(counts: Counter[str], wrong: int, start: float) -> str:
    """One line of what came of it."""
    share = 100 * counts['refused'] / max(counts['refused'] + counts['flattened'], 1)
    took = f'{time.time() - start:.0f} s, of which {time.process_time():.0f} s of CPU'
    return f'{counts["classes"]} classes; refused: {share:.1f} %; wrong: {wrong}; {took}'


if __name__ == '__main__':
    sys.exit(main())
