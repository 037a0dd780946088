"""How long the hot stages take, as multiples of a fixed loop of plain Python: to see a slow-down, not to fail on it.

    python scripts/bench_stages.py [--rounds 5]

Processor time, the smallest of some rounds, divided by that of the loop: so machines of any speed can be compared.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench_linearize import chain_text, file_text

from introspect_export.distributions import providers
from introspect_export.documents.module_outline import outline
from introspect_export.linearize import linearize
from introspect_export.live_class.live_modules import live_binding
from introspect_export.observe.chains import chain_of
from introspect_export.read import read_module

CLASSES, LINES = 100, 5_000


def calibration() -> int:
    """A fixed amount of what the stages do: walking lists and dictionaries, cutting text."""
    found: dict[str, int] = {}
    for number in range(100_000):
        word = f'name_{number % 997}'
        found[word] = found.get(word, 0) + len(word.split('_'))
    return sum(found.values())


def stages() -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    text = chain_text(CLASSES, 3)
    module = ModuleType('bench')
    module.__file__ = 'bench.py'
    sys.modules['bench'] = module
    exec(compile(text, 'bench.py', 'exec', dont_inherit=True), module.__dict__)
    leaf = getattr(module, f'C{CLASSES - 1}')
    source = read_module('bench', 'bench.py', False, text)
    long = file_text(LINES)
    found = {
        f'read {LINES:,} lines': lambda: read_module('long', 'long.py', False, long),
        f'outline of {LINES:,} lines': lambda: outline.__wrapped__(long),
        f'facts of a chain of {CLASSES}': lambda: chain_of(leaf, lambda name: name == 'bench'),
        f'flatten a chain of {CLASSES}': lambda: linearize(
            chain_of(leaf, lambda name: name == 'bench'), lambda name: source if name == 'bench' else None, live_binding
        ),
        'what is installed': lambda: providers(sys.path),
    }
    return {name: _uncached(stage) if name.startswith('what') else stage for name, stage in found.items()}


def _uncached(stage: Callable[[], object]) -> Callable[[], object]:
    from introspect_export import distributions

    def run() -> object:
        distributions._in.cache_clear()
        return stage()

    return run


def seconds(stage: Callable[[], object], rounds: int) -> float:
    """The least processor time of some rounds."""
    best = float('inf')
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        stage()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    unit = seconds(calibration, options.rounds)
    print(f'| stage | loops of {1000 * unit:.0f} ms |\n| --- | ---: |')
    for name, stage in stages().items():
        print(f'| {name} | {seconds(stage, options.rounds) / unit:.2f} |')


if __name__ == '__main__':
    main()
