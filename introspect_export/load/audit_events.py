"""Record the files that are opened, each with the code that opened it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from introspect_export.sandbox.audit_hook import listening

CallStack = tuple[tuple[str, int], ...]
"""The call stack when a file was opened: module and line of each frame, innermost first."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_IMPORT_SYSTEM = '<frozen importlib'
_PROGRAM = __name__.partition('.')[0]
_WRAPPERS = f'{_PROGRAM}.observe.read_files'
"""The module that only wraps calls of other code."""

_MAX_STACKS = 16
"""The number of distinct stacks recorded for a file."""


@contextmanager
def files_opened() -> Iterator[dict[str, tuple[CallStack, ...]]]:
    """Record the files opened for reading, except by the import system.

    Yields:
        The absolute paths in order, each with the distinct call stacks that opened it.
    """
    files: dict[str, tuple[CallStack, ...]] = {}

    def on_open(args: tuple[Any, ...]) -> None:
        path, mode, flags = args
        if not isinstance(path, (str, os.PathLike)) or (isinstance(flags, int) and flags & _WRITING):
            return
        if isinstance(mode, str) and set(mode) & set('wax+'):
            return
        frame = sys._getframe(2)  # This listener, the hook, and the code that opens.
        if frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
            return
        name = os.path.abspath(os.fsdecode(path))
        known = files.get(name, ())
        stack = _stack(frame) if len(known) < _MAX_STACKS else ()
        if stack not in known:
            files[name] = (*known, stack)

    with listening('open', on_open):
        yield files


def _stack(frame: FrameType | None) -> CallStack:
    """The call stack of a frame up to an import or to this program, whose wrappers are left out."""
    found: list[tuple[str, int]] = []
    while frame is not None and not frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
        module = str(frame.f_globals.get('__name__', ''))
        if module.partition('.')[0] != _PROGRAM:
            found.append((module, frame.f_lineno))
        elif module != _WRAPPERS:
            break
        frame = frame.f_back
    return tuple(found)
