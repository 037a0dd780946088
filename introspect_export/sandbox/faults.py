"""What went wrong in a pack: of what kind, and one sentence for it."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator

_LONGEST = 600


def kind(error: BaseException) -> str:
    """The name of an exception's class.

    Where torch has no memory for a tensor on the CPU, it raises a ``RuntimeError``; that is a ``MemoryError``, too.
    """
    short = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    return 'MemoryError' if short else type(error).__name__


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that it was raised from: whoever passes one on may say it in words of its own."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def sentence(error: BaseException) -> str:
    """The exception and its message, or the line that raised it without one; with the last place inside of the pack."""
    trace = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in trace if f'{os.sep}pack{os.sep}' in frame.filename]
    where = f' ({frames[-1].filename}:{frames[-1].lineno})' if frames else ''
    return f'{type(error).__name__}: {_text(error) or (trace and trace[-1].line) or ""}{where}'


def message(error: BaseException) -> str:
    """The exception and its message, without a place."""
    return f'{type(error).__name__}: {_text(error)}'


def _text(error: BaseException) -> str:
    # The text of a KeyError is the repr of its message; and mmengine's goes on with advice that is none here.
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return ' '.join(str(text).split()).partition(' Please check whether')[0][:_LONGEST]
