"""Descriptions of exceptions raised in a package: their kind, and one sentence."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator

_LONGEST = 600


def kind(error: BaseException) -> str:
    """The name of an exception's class.

    It is ``MemoryError`` also for the ``RuntimeError`` that torch raises where it cannot allocate a tensor on the CPU.
    """
    short = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    return 'MemoryError' if short else type(error).__name__


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and its chain of causes and contexts: a caller may have re-raised it as another one."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def sentence(error: BaseException) -> str:
    """The exception with its message (without one, the line that raised it), and the innermost line in the package."""
    trace = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in trace if f'{os.sep}pack{os.sep}' in frame.filename]
    where = f' ({frames[-1].filename}:{frames[-1].lineno})' if frames else ''
    return f'{type(error).__name__}: {_text(error) or (trace and trace[-1].line) or ""}{where}'


def message(error: BaseException) -> str:
    """The exception with its message, without a line."""
    return f'{type(error).__name__}: {_text(error)}'


def _text(error: BaseException) -> str:
    # ``str`` of a KeyError is the repr of its message. The advice that ends mmengine's message does not apply here.
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return ' '.join(str(text).split()).partition(' Please check whether')[0][:_LONGEST]
