"""The libraries' own output: logs, warnings and prints, kept away from ours."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator


class Sink(io.TextIOBase):
    """A stream that swallows everything. A library that keeps it can go on writing to it."""

    def write(self, text: str) -> int:
        """Swallow."""
        return len(text)

    def isatty(self) -> bool:
        """Say no: progress bars are not wanted."""
        return False

    @property
    def encoding(self) -> str:  # type: ignore[override]  # The stubs have an attribute there.
        """The encoding that writers ask for."""
        return 'utf-8'


@contextlib.contextmanager
def contained(show: bool) -> Iterator[None]:
    """Keep what libraries print, log and warn off the terminal, and always off standard output.

    Args:
        show: Let it through, all of it to standard error.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_descriptor_to_error())
        stack.enter_context(contextlib.redirect_stdout(sys.stderr if show else Sink()))
        if not show:
            stack.enter_context(contextlib.redirect_stderr(Sink()))
            stack.enter_context(_no_logs())
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter('ignore')
        yield


@contextlib.contextmanager
def _no_logs() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _descriptor_to_error() -> Iterator[None]:
    """Send what C code writes to standard output to standard error."""
    try:
        kept = os.dup(1)
    except OSError:
        # Standard output is closed: nobody reads it.
        yield
        return
    try:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
