"""Temporary folders and files that are locked while in use, so that those of killed processes can be removed."""

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
_LOCKED, _IN_USE, _UNKNOWN = 'locked', 'in use', 'unknown'


def _locks() -> ModuleType | None:
    """The module ``fcntl``, or None where the system has none."""
    try:
        return importlib.import_module('fcntl')
    except ImportError:
        return None


@contextlib.contextmanager
def temporary_folder(
    parent: Path | None = None, prefix: str = PREFIX, restore: Callable[[Path], object] | None = None
) -> Iterator[Path]:
    """Create a folder that is removed on exit; stale folders and files with the same prefix are removed as well.

    Args:
        parent: The folder to create it in; by default the one for temporary files.
        prefix: The prefix of its name.
        restore: Called with each stale folder before that is removed.

    Yields:
        The folder.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    remove_stale(parent, prefix, restore)
    with _locked(lambda: Path(tempfile.mkdtemp(prefix=prefix, dir=parent))) as folder:
        yield folder


@contextlib.contextmanager
def temporary_file(parent: Path, restore: Callable[[Path], object] | None = None) -> Iterator[Path]:
    """Create a file that is removed on exit, unless it was renamed; see ``temporary_folder``."""
    remove_stale(parent, PREFIX, restore)
    with _locked(lambda: _new_file(parent)) as file:
        yield file


@contextlib.contextmanager
def tempdir_redirected() -> Iterator[None]:
    """Redirect ``tempfile`` to such a folder, so that other code's files are removed as well, even after a kill."""
    before = tempfile.tempdir
    with temporary_folder() as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


def umask() -> int:
    """The process's file mode creation mask: the permission bits that new files lack."""
    # It can only be read by setting it.
    current = os.umask(0)
    os.umask(current)
    return current


def _new_file(parent: Path) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=parent)
    os.close(descriptor)
    return Path(name)


@contextlib.contextmanager
def _locked(make: Callable[[], Path]) -> Iterator[Path]:
    path, descriptor = _make_locked(make)
    owner = os.getpid()
    try:
        yield path
    finally:
        if os.getpid() == owner:  # A forked child exits its copy of this context, too.
            _remove(path)
        if descriptor is not None:
            os.close(descriptor)


def _make_locked(make: Callable[[], Path]) -> tuple[Path, int | None]:
    while True:
        path = make()
        descriptor, state = _lock(path)
        # Between creation and locking, another process may have removed it as stale.
        if state == _UNKNOWN or (state == _LOCKED and path.exists()):
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
    """Try to lock a folder or file; returns the descriptor that holds the lock, and the outcome."""
    fcntl: Any = _locks()
    if fcntl is None:
        return None, _UNKNOWN
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None, _IN_USE
    except OSError:
        return None, _UNKNOWN
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None, _IN_USE
    except OSError:  # The file system does not support locks.
        os.close(descriptor)
        return None, _UNKNOWN
    return descriptor, _LOCKED


def remove_stale(parent: Path, prefix: str = PREFIX, restore: Callable[[Path], object] | None = None) -> None:
    """Remove the folders and files that killed processes have stale.

    Args:
        parent: The folder that they are in.
        prefix: The prefix of their names.
        restore: Called with each folder before that is removed.
    """
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        stale = [Path(each.path) for each in entries if each.name.startswith(prefix) and _is_ours(each)]
        for path in stale:
            descriptor, state = _lock(path)
            if state == _LOCKED and descriptor is not None:
                if restore is not None and path.is_dir():
                    restore(path)
                _remove(path)
                os.close(descriptor)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or regular file, not a symbolic link, and owned by this user."""
    if not (entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)):
        return False
    return not hasattr(os, 'getuid') or entry.stat(follow_symlinks=False).st_uid == os.getuid()
