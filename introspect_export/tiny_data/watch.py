"""Which files and folders some code asks for, whether they are there or not, and who asks."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch.utils.data import Dataset

OPEN, STAT, LIST = 'open', 'stat', 'list'
_KINDS = {'open': OPEN, 'os.listdir': LIST, 'os.scandir': LIST}
_MOST_FRAMES = 60
_MOST_ITEMS = 200


@dataclass(frozen=True)
class Ask:
    """Something that was asked for.

    Attributes:
        kind: ``open``, ``stat`` or ``list``.
        path: As it was asked for.
        missing: Whether it was not there.
        owner: The data set that asked, or whatever else on the way has meta information; None where nothing has.
        key: The key under which the sample that was being made names the path; empty where there is none.
        suffixes: The endings of the files that a listing wants; empty for any.
        folders: Whether a listing wants folders only.
    """

    kind: str
    path: str
    missing: bool
    owner: Any = None
    key: str = ''
    suffixes: tuple[str, ...] = ()
    folders: bool = False


class Watch:
    """Takes down what the current thread asks for.

    Args:
        refused: Which paths are to be told not to be there although they may be.
        missed: Called with what is not there before that is told: it may be made.
    """

    def __init__(self, refused: Callable[[str], bool], missed: Callable[[Ask], object]) -> None:
        self.asks: list[Ask] = []
        self._refused = refused
        self._missed = missed
        self._busy = False
        self._thread = threading.get_ident()

    def ask(self, kind: str, path: Any) -> None:
        """Take one down; raise where it is to be told that it is not there."""
        if self._busy or threading.get_ident() != self._thread or not isinstance(path, (str, bytes, os.PathLike)):
            return
        self._busy = True
        try:
            name = os.fsdecode(path)
            refused = self._refused(name)
            missing = refused or not os.path.lexists(name)
            asked = _circumstances(kind, name, missing, sys._getframe(2))
            self.asks.append(asked)
            if missing and not refused:
                self._missed(asked)
        finally:
            self._busy = False
        if refused:
            raise FileNotFoundError(2, 'No such file or directory', name)


def _circumstances(kind: str, path: str, missing: bool, frame: FrameType | None) -> Ask:
    """Look up the stack for who asks, for which key of a sample, and for what kind of files."""
    owner: Any = None
    key, folders = '', False
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
        if isinstance(this, Dataset) or (owner is None and _described(this)):
            owner = this
        if isinstance(this, Dataset):
            key = key or _key_of(path, vars(this))
            break
        frame = frame.f_back
    return Ask(kind, path, missing, owner, key, suffixes, folders)


def _described(value: Any) -> bool:
    return isinstance(getattr(type(value), 'metainfo', None), property) or 'dataset_meta' in dir(type(value))


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list)) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return ()


def _key_of(path: str, variables: dict[str, Any]) -> str:
    """The key of a mapping among some variables that has the path as its value, or in its value."""
    for value in variables.values():
        if isinstance(value, dict) and len(value) <= _MOST_ITEMS:
            for key, item in dict.items(value):  # A mapping of some other kind is not to notice.
                if isinstance(key, str) and (item == path if isinstance(item, str) else path in _strings(item)):
                    return key
    return ''


_watches: list[Watch] = []
_hooked: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watches and event in _KINDS:
        mode = arguments[1] if event == 'open' else 'r'
        if mode is None or 'r' in str(mode):
            _watches[-1].ask(_KINDS[event], arguments[0])


@contextmanager
def watching(refused: Callable[[str], bool], missed: Callable[[Ask], object]) -> Iterator[Watch]:
    """Watch what is asked for until the end of the block.

    An audit hook sees what is opened or listed, by whatever way; it stays in the process and does nothing outside of
    such a block. Whether something is there is not audited: ``os.stat``, which ``os.path`` asks, is replaced meanwhile.
    """
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    watch = Watch(refused, missed)
    stat = os.stat

    def asked_stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        watch.ask(STAT, path)
        return stat(path, *args, **kwargs)

    _watches.append(watch)
    os.stat = asked_stat
    try:
        yield watch
    finally:
        os.stat = stat
        _watches.remove(watch)
