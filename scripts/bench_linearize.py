"""How much CPU time flattening takes: chains of 10, 100 and 1000 classes, and files of 100 to 20,000 lines.

Usage: python scripts/bench_linearize.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from introspect_export.linearize import linearize  # noqa: E402
from introspect_export.live_class.live_modules import live_binding  # noqa: E402
from introspect_export.model import SourceModule  # noqa: E402
from introspect_export.observe.chains import chain_of  # noqa: E402
from introspect_export.read import read_module  # noqa: E402

METHOD = """
    def f{number}(self, x=0):
        # a comment
        if x > {number}:
            return super().f{number}(x - 1)
        return [self.f{number}(i) for i in range(x)]
"""
TOP_METHOD = """
    def f{number}(self, x=0):
        return x
"""


def chain_text(classes: int, methods: int) -> str:
    """A chain of classes, each with methods that call the next."""
    parts = []
    for index in range(classes):
        head = f'class C{index}(C{index - 1}):' if index else 'class C0:'
        body = METHOD if index else TOP_METHOD
        parts.append(head + ''.join(body.format(number=number) for number in range(methods)))
    return '\n\n'.join(parts)


def file_text(lines: int) -> str:
    """A file of many unrelated functions before a chain of three classes."""
    filler = 'def g{n}(x):\n    y = len(x) + {n}\n    return [y for _ in x]\n\n'
    return ''.join(filler.format(n=n) for n in range(lines // 4)) + chain_text(3, 5)


def measure(text: str, leaf: str) -> tuple[float, float, int]:
    """Read and flatten; return both times and the number of pieces."""
    module = ModuleType('bench')
    module.__file__ = 'bench.py'
    sys.modules['bench'] = module
    exec(compile(text, 'bench.py', 'exec', dont_inherit=True), module.__dict__)
    chain = chain_of(getattr(module, leaf), lambda name: name == 'bench')
    start = time.process_time()
    source: SourceModule = read_module('bench', 'bench.py', False, text)
    middle = time.process_time()
    flat = linearize(chain, lambda name: source if name == 'bench' else None, live_binding)
    end = time.process_time()
    if len(flat.merged) != len(chain.mro) - 2:
        raise SystemExit(f'not flattened: {flat.diagnostics}')
    return middle - start, end - middle, len(flat.pieces)


def main() -> None:
    """Print both tables."""
    print(f'{"classes":>8} {"lines":>8} {"read s":>8} {"flatten s":>10} {"µs/line":>8}')
    for classes in (10, 100, 1000):
        text = chain_text(classes, 3)
        read, flatten, _ = measure(text, f'C{classes - 1}')
        lines = text.count('\n')
        print(f'{classes:8} {lines:8} {read:8.3f} {flatten:10.3f} {1e6 * flatten / lines:8.1f}')
    for size in (100, 1000, 5000, 20000):
        text = file_text(size)
        read, flatten, _ = measure(text, 'C2')
        lines = text.count('\n')
        print(f'{3:8} {lines:8} {read:8.3f} {flatten:10.3f} {1e6 * flatten / lines:8.1f}')


if __name__ == '__main__':
    main()
