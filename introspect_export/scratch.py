"""Temporary folders that are held while in use: what a killed process has left of them, the next one removes."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

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
    folder, descriptor = _made(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


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


def _made(parent: Path, prefix: str) -> tuple[Path, int | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        descriptor, state = _lock(folder)
        # Between making and locking it, somebody may have taken it for one that was left behind.
        if state == _CANNOT_TELL or (state == _LOCKED and folder.exists()):
            return folder, descriptor
        if descriptor is not None:
            os.close(descriptor)


def _lock(folder: Path) -> tuple[int | None, str]:
    """Lock a folder: what keeps it locked, for as long as a process has it open, and what came of it."""
    fcntl: Any = _locks()
    if fcntl is None:
        return None, _CANNOT_TELL
    try:
        descriptor = os.open(folder, os.O_RDONLY)
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
    """Remove the folders that processes which were killed have left; the arguments are those of ``held_folder``."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        left = [Path(each.path) for each in entries if each.name.startswith(prefix) and _is_ours(each)]
        for folder in left:
            descriptor, state = _lock(folder)
            if state == _LOCKED and descriptor is not None:
                if rescue is not None:
                    rescue(folder)
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Whether a folder is this user's, and no link to one."""
    if not entry.is_dir(follow_symlinks=False):
        return False
    return not hasattr(os, 'getuid') or entry.stat(follow_symlinks=False).st_uid == os.getuid()
