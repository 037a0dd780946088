"""Temporary folders and files that are held while in use: what a killed process leaves, the next one removes."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PREFIX = '.introspect_export_'
_LOCKED, _HELD_BY_OTHERS, _CANNOT_TELL = 'locked', 'held by others', 'cannot tell'


def _locks() -> ModuleType | None:
    """The module that locks files, where the system has it."""
    try:
        return importlib.import_module('fcntl')
    except ImportError:
        return None


@contextlib.contextmanager
def held_folder(
    parent: Path | None = None, prefix: str = PREFIX, rescue: Callable[[Path], object] | None = None
) -> Iterator[Path]:
    """A new folder, removed when the context ends; folders like it that no living process holds are removed as well.

    Args:
        parent: Where it is made; by default among the temporary files.
        prefix: What its name begins with.
        rescue: Called with a folder that was left behind, before it is removed.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    remove_left(parent, prefix, rescue)
    with _held(lambda: Path(tempfile.mkdtemp(prefix=prefix, dir=parent))) as folder:
        yield folder


@contextlib.contextmanager
def held_file(parent: Path, rescue: Callable[[Path], object] | None = None) -> Iterator[Path]:
    """A new file, to be renamed; the arguments are those of ``held_folder``, whose likes it removes as well."""
    remove_left(parent, PREFIX, rescue)
    with _held(lambda: _new_file(parent)) as file:
        yield file


@contextlib.contextmanager
def temporaries_held() -> Iterator[None]:
    """Have the temporary files of other code in a held folder, so that a killed process leaves none for good."""
    before = tempfile.tempdir
    with held_folder() as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


def _new_file(parent: Path) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=parent)
    os.close(descriptor)
    return Path(name)


@contextlib.contextmanager
def _held(make: Callable[[], Path]) -> Iterator[Path]:
    path, descriptor = _made(make)
    owner = os.getpid()
    try:
        yield path
    finally:
        if os.getpid() == owner:  # A fork may drop its copy of the context.
            _remove(path)
        if descriptor is not None:
            os.close(descriptor)


def _made(make: Callable[[], Path]) -> tuple[Path, int | None]:
    while True:
        path = make()
        descriptor, state = _lock(path)
        # Between making and locking it, somebody may have taken it for one that was left behind.
        if state == _CANNOT_TELL or (state == _LOCKED and path.exists()):
            return path, descriptor
        if descriptor is not None:
            os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _lock(path: Path) -> tuple[int | None, str]:
    """Lock a folder or file: what keeps it locked, for as long as a process has it open, and what came of it."""
    fcntl: Any = _locks()
    if fcntl is None:
        return None, _CANNOT_TELL
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None, _HELD_BY_OTHERS
    except OSError:
        return None, _CANNOT_TELL
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None, _HELD_BY_OTHERS
    except OSError:  # A file system without locks.
        os.close(descriptor)
        return None, _CANNOT_TELL
    return descriptor, _LOCKED


def remove_left(parent: Path, prefix: str = PREFIX, rescue: Callable[[Path], object] | None = None) -> None:
    """Remove what processes which were killed have left; the arguments are those of ``held_folder``."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        left = [Path(each.path) for each in entries if each.name.startswith(prefix) and _is_ours(each)]
        for path in left:
            descriptor, state = _lock(path)
            if state == _LOCKED and descriptor is not None:
                if rescue is not None and path.is_dir():
                    rescue(path)
                _remove(path)
                os.close(descriptor)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Whether a folder or file is this user's, and no link to one."""
    if not (entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)):
        return False
    return not hasattr(os, 'getuid') or entry.stat(follow_symlinks=False).st_uid == os.getuid()
