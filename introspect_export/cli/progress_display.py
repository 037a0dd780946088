"""Show the current step on standard error."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

Progress = Callable[[str], None]


@contextlib.contextmanager
def progress(quiet: bool, verbose: bool) -> Iterator[Progress]:
    """A function that shows a step: a status line on a terminal, lines with the time if verbose, else nothing."""
    stream = sys.stderr
    start = time.monotonic()
    if verbose:
        yield lambda line: print(f'[{time.monotonic() - start:6.1f} s] {line}', file=stream, flush=True)
    elif quiet or not stream.isatty():
        yield lambda line: None
    else:
        from rich.console import Console

        console = Console(file=stream, markup=False, highlight=False, emoji=False)
        with console.status('starting') as status:
            yield lambda line: status.update(f'{line} ({time.monotonic() - start:.0f} s)')
