"""Put a folder or a file in its place at once: whenever a process is killed, the old one is there or the new one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Callable
from pathlib import Path

from introspect_export.scratch import held_file

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE; see rename(2).
_OLD = 'old'


def place(new: Path, out: Path, staging: Path, check: Callable[[Path], None]) -> None:
    """Rename a folder into place.

    Args:
        new: The folder, in the staging folder.
        out: Its place. What is there ends up in the staging folder.
        staging: A folder beside the place, for this one rename.
        check: Raises where what was there, which it is given, must stay; it is then put back.

    Raises:
        OSError: It cannot be renamed; everything is as it was.
    """
    if not os.path.lexists(out):
        new.rename(out)
        return
    if _exchanged(new, out):
        try:
            check(new)
        except BaseException:
            _exchanged(new, out)
            raise
        return
    old = staging / _OLD / out.name
    old.parent.mkdir()
    out.rename(old)
    try:
        check(old)
        new.rename(out)
    except BaseException:
        old.rename(out)
        raise


def rescue(staging: Path) -> None:
    """Put back what a process that was killed had taken out of its place and not replaced yet."""
    with contextlib.suppress(OSError):
        for old in (staging / _OLD).iterdir():
            place = staging.parent / old.name
            if not os.path.lexists(place):
                old.rename(place)


def _exchanged(one: Path, other: Path) -> bool:
    """Have two folders change places, in one step; whether this system can."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    done: int = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_EXCHANGE))
    return done == 0


def write_whole(file: Path, content: bytes) -> None:
    """Write a file so that it holds all of the old content or all of the new; what is no file is written to.

    Args:
        file: The file; where it is a link, what that leads to.
        content: What it is to hold.

    Raises:
        OSError: It cannot be written; it is as it was.
    """
    file = Path(os.path.realpath(file))
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG | (0o666 & ~_umask())
    if not stat.S_ISREG(mode):
        file.write_bytes(content)
        return
    try:
        with held_file(file.parent, rescue) as new:
            new.write_bytes(content)
            new.chmod(stat.S_IMODE(mode))
            new.replace(file)
    except OSError as error:  # It names another file, or none.
        raise OSError(error.errno, error.strerror, str(file)) from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
