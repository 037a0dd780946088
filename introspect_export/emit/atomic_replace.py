"""Replace a folder or file atomically: after a kill at any time, either the old or the new one exists."""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Callable
from pathlib import Path

from introspect_export.temporary import temporary_file, umask

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE; see rename(2).
_OLD = 'old'


def place(new: Path, out: Path, staging: Path, check: Callable[[Path], None]) -> None:
    """Rename a folder into place.

    Args:
        new: The folder, in the staging folder.
        out: Its target path; an existing folder is moved to the staging folder.
        staging: A temporary folder beside the target.
        check: Called with the existing folder, after it was moved; if it raises, the folder is moved back.

    Raises:
        OSError: It cannot be renamed; nothing was changed.
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


def restore(staging: Path) -> None:
    """Move back what a killed process had moved to its staging folder and not replaced yet."""
    with contextlib.suppress(OSError):
        for old in (staging / _OLD).iterdir():
            place = staging.parent / old.name
            if not os.path.lexists(place):
                old.rename(place)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders atomically; False where the system does not support it."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    done: int = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_EXCHANGE))
    return done == 0


def write_atomically(file: Path, content: bytes) -> None:
    """Write a file so that it has either the old or the new content; other paths (devices) are written directly.

    Args:
        file: The file; links are followed.
        content: Its new content.

    Raises:
        OSError: It cannot be written; it was not changed.
    """
    file = Path(os.path.realpath(file))
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG | (0o666 & ~umask())
    if not stat.S_ISREG(mode):
        file.write_bytes(content)
        return
    try:
        with temporary_file(file.parent, restore) as new:
            new.write_bytes(content)
            new.chmod(stat.S_IMODE(mode))
            new.replace(file)
    except OSError as error:  # It names the temporary file.
        raise OSError(error.errno, error.strerror, str(file)) from error
