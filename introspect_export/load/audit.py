"""What the process does that Python audits: files opened, connections asked for.

An audit hook cannot be removed (https://docs.python.org/3/library/sys.html#sys.addaudithook), so one is installed once;
with nobody listening it does one dictionary look-up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Listener = Callable[[tuple[Any, ...]], None]

Opening = tuple[tuple[str, int], ...]
"""The code that was running when a file was opened: modules with the lines they were at, the innermost first."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_IMPORT_SYSTEM = '<frozen importlib'
_OURSELVES = __name__.partition('.')[0]
_PASSED_THROUGH = f'{_OURSELVES}.observe.read_files'
"""Where calls of somebody else's are only watched."""

_MOST = 16
"""Ways to one file that are told apart."""

_listeners: dict[str, list[Listener]] = {}
_installed: list[bool] = []


def _hook(event: str, args: tuple[Any, ...], listeners: dict[str, list[Listener]] = _listeners) -> None:
    """Hand an event to its listeners; the default argument outlives the module's globals at interpreter exit."""
    for listener in tuple(listeners.get(event, ())):
        listener(args)


@contextmanager
def listening(event: str, listener: Listener) -> Iterator[None]:
    """Call ``listener`` with the arguments of every audit event of this name; what it raises stops the action."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    _listeners.setdefault(event, []).append(listener)
    try:
        yield
    finally:
        _listeners[event].remove(listener)


@contextmanager
def files_opened() -> Iterator[dict[str, tuple[Opening, ...]]]:
    """The files opened for reading while the context lasts; reads of the import system are left out.

    Yields:
        The absolute files in order, each with the code that was running, once for each way that led to it.
    """
    files: dict[str, tuple[Opening, ...]] = {}

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
        opening = _running(frame) if len(known) < _MOST else ()
        if opening not in known:
            files[name] = (*known, opening)

    with listening('open', on_open):
        yield files


def _running(frame: FrameType | None) -> Opening:
    """The code of a frame and of its callers, as far as an import or this program, who started those aside."""
    found: list[tuple[str, int]] = []
    while frame is not None and not frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
        module = str(frame.f_globals.get('__name__', ''))
        if module.partition('.')[0] != _OURSELVES:
            found.append((module, frame.f_lineno))
        elif module != _PASSED_THROUGH:
            break
        frame = frame.f_back
    return tuple(found)
