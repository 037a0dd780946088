"""Record which files and folders code opens, lists or checks for, and in which context."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from torch.utils.data import Dataset

OPEN, STAT, LIST = 'open', 'stat', 'list'
_KINDS = {'open': OPEN, 'os.listdir': LIST, 'os.scandir': LIST}
_MOST_FRAMES = 60
_MOST_ITEMS = 200
_LINES = frozenset({'list_from_file', 'readlines', 'splitlines', 'strip', 'rstrip'})
_SPLITTING = frozenset({'split', 'rsplit', 'partition', 'rpartition'})


@dataclass(frozen=True)
class Request:
    """A request for a file or folder.

    Attributes:
        kind: ``open``, ``stat`` or ``list``.
        path: The path as requested.
        missing: Whether it does not exist.
        consumer: The data set on the call stack, or else another object with meta information, or None.
        key: The key of the sample whose value is the path, or empty.
        suffixes: The file suffixes that a listing is filtered by; empty for all files.
        folders: Whether a listing is filtered for folders.
        columns: Whether the data set's function that requests it seems to split the lines of a text.
    """

    kind: str
    path: str
    missing: bool
    consumer: Any = None
    key: str = ''
    suffixes: tuple[str, ...] = ()
    folders: bool = False
    columns: bool = False


class RequestLog:
    """The requests of the current thread.

    Args:
        refused: Whether a path is to be reported as missing although it may exist.
        missed: Called with a request for a missing path, before the access continues: it may create the file.
    """

    def __init__(self, refused: Callable[[str], bool], missed: Callable[[Request], object]) -> None:
        self.requests: list[Request] = []
        self._refused = refused
        self._missed = missed
        self._busy = False
        self._thread = threading.get_ident()

    def record(self, kind: str, path: Any) -> None:
        """Record a request.

        Raises:
            FileNotFoundError: The path is refused.
        """
        if self._busy or threading.get_ident() != self._thread or not isinstance(path, (str, bytes, os.PathLike)):
            return
        self._busy = True
        try:
            name = os.fsdecode(path)
            if name.endswith('.py'):
                return  # Of a traceback's lines, which are looked up in the sources.
            refused = self._refused(name)
            missing = refused or not os.path.lexists(name)
            request = _request(kind, name, missing, sys._getframe(2))
            self.requests.append(request)
            if missing and not refused:
                self._missed(request)
        finally:
            self._busy = False
        if refused:
            raise FileNotFoundError(2, 'No such file or directory', name)


def _request(kind: str, path: str, missing: bool, frame: FrameType | None) -> Request:
    """Make a request, with the consumer, the key of the sample and the filters found in the variables of the stack."""
    consumer: Any = None
    key, folders, columns = '', False, False
    suffixes: tuple[str, ...] = ()
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        variables = frame.f_locals
        if kind == LIST and 'suffix' in variables and not suffixes:
            suffixes = _strings(variables['suffix'])
        if kind == LIST and variables.get('list_file') is False:
            folders = True
        key = key or _key_of(path, variables)
        this = variables.get('self')
        if isinstance(this, Dataset) or (consumer is None and _has_metainfo(this)):
            consumer = this
        if isinstance(this, Dataset):
            key = key or _key_of(path, vars(this))
            columns = _splits_lines(frame.f_code)
            break
        frame = frame.f_back
    return Request(kind, path, missing, consumer, key, suffixes, folders, columns)


def _splits_lines(code: CodeType) -> bool:
    """Whether the names that code uses, with code nested in it, are those of reading lines and splitting them."""
    codes = [code, *(each for each in code.co_consts if isinstance(each, CodeType))]
    names = {name for each in codes for name in each.co_names}
    return not (names.isdisjoint(_LINES) or names.isdisjoint(_SPLITTING))


def _has_metainfo(value: Any) -> bool:
    return isinstance(getattr(type(value), 'metainfo', None), property) or 'dataset_meta' in dir(type(value))


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list)) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return ()


def _key_of(path: str, variables: dict[str, Any]) -> str:
    """The key whose value is the path, or a list with it, in a dictionary among some variables; or empty."""
    for value in variables.values():
        if isinstance(value, dict) and len(value) <= _MOST_ITEMS:
            for key, item in dict.items(value):  # Not the override of a subclass: a ``TracingMapping`` would record it.
                if isinstance(key, str) and (item == path if isinstance(item, str) else path in _strings(item)):
                    return key
    return ''


_logs: list[RequestLog] = []
_hooked: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _logs and event in _KINDS:
        mode = arguments[1] if event == 'open' else 'r'
        if mode is None or 'r' in str(mode):
            _logs[-1].record(_KINDS[event], arguments[0])


@contextmanager
def recording(refused: Callable[[str], bool], missed: Callable[[Request], object]) -> Iterator[RequestLog]:
    """Record requests while the context lasts; the arguments are those of ``RequestLog``.

    Opening and listing raise audit events. An audit hook cannot be removed, so one is installed once and does nothing
    outside of the context. Checks for existence are not audited, so ``os.stat``, which ``os.path`` calls, is replaced.
    """
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    log = RequestLog(refused, missed)
    stat = os.stat

    def recorded_stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        log.record(STAT, path)
        return stat(path, *args, **kwargs)

    _logs.append(log)
    os.stat = recorded_stat
    try:
        yield log
    finally:
        os.stat = stat
        _logs.remove(log)
