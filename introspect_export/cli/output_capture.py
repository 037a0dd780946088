"""Keep the output of libraries (logs, warnings, prints) apart from the output of commands."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator


class Sink(io.TextIOBase):
    """A stream that discards everything; libraries may keep a reference to it."""

    def write(self, text: str) -> int:
        """Discard the text."""
        return len(text)

    def isatty(self) -> bool:
        """False, so that libraries show no progress bars."""
        return False

    @property
    def encoding(self) -> str:  # type: ignore[override]  # The stubs have an attribute there.
        """The encoding, which some writers require."""
        return 'utf-8'


@contextlib.contextmanager
def captured_output(show: bool) -> Iterator[None]:
    """Suppress the output of libraries, or redirect it to standard error.

    Args:
        show: Whether to redirect instead of suppressing.
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
    """Redirect the standard output of C code to standard error."""
    try:
        kept = os.dup(1)
    except OSError:
        # Standard output is closed.
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
