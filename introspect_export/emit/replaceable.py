"""Check that an existing folder may be replaced: it must be an unchanged package that this program wrote."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from introspect_export.model import ExportError
from introspect_export.temporary import PREFIX

MANIFEST = 'manifest.json'
_MAX_SHOWN = 5
_PROGRAM = 'introspect_export'


def check_free(out: Path, force: bool, sources: Iterable[str | Path] = ()) -> None:
    """Check an output path before anything is written.

    Args:
        out: The folder to write.
        force: Whether an existing package may be replaced.
        sources: The exported files, which must not be replaced.

    Raises:
        ExportError: ``out`` exists and ``force`` is not set; or it is not replaceable: no package of this program, a
            link, a folder with changed or added files, or a parent of needed files; or it cannot be written.
    """
    if _is_there(out):
        if not force:
            raise ExportError(f'{out} exists; give another path with -o, or --force to replace it')
        _check_place(out, sources)
        try:
            check_package(out, out)
        except OSError as error:
            raise ExportError(f'{out} cannot be read, or another export is replacing it: {error.strerror}') from error
    _check_writable(out)


def _is_there(out: Path) -> bool:
    try:
        out.lstat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:  # Its parent is a file, it is too long, or has a null byte.
        raise ExportError(f'{str(out)!r} can be no folder: {getattr(error, "strerror", None) or error}') from error
    return True


def _check_place(out: Path, sources: Iterable[str | Path]) -> None:
    """Refuse a link, and a folder that contains needed files."""
    if out.is_symlink():
        raise ExportError(f'{out} is a link, and --force replaces none; give the folder it leads to with -o')
    whole = _real(out)
    needed = [
        ('the working folder', os.getcwd()),
        ('your home', os.path.expanduser('~')),
        ('the temporary files', os.environ.get('TMPDIR', '')),
        *(('what is being exported', str(each)) for each in sources),
    ]
    if whole.parent == whole:
        raise ExportError(f'{out} is the root of a file system, which --force does not replace')
    for name, path in needed:
        if path and (_real(Path(path)) == whole or whole in _real(Path(path)).parents):
            raise ExportError(f'{out} holds {name} ({path}), so --force does not replace it; give another path with -o')


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def check_package(folder: Path, named: Path) -> None:
    """Check that a folder is an unchanged package of this program, or empty.

    Args:
        folder: The folder.
        named: Its path in error messages.

    Raises:
        ExportError: It is not.
    """
    if not folder.is_dir():
        raise ExportError(f'{named} is no folder, so --force will not replace it; give another path')
    if not any(folder.iterdir()):
        return
    written = _written(folder)
    if written is None:
        raise ExportError(
            f'{named} is no exported package with a list of its files in {MANIFEST}, so --force will not replace it; '
            'remove it or give another path'
        )
    changed = list(_changed(folder, written))
    if changed:
        more = f' and {len(changed) - _MAX_SHOWN} more' if len(changed) > _MAX_SHOWN else ''
        raise ExportError(
            f'{named} holds what was added or changed after it was written: {", ".join(changed[:_MAX_SHOWN])}{more}; '
            '--force would lose that: move it away, or remove the folder yourself'
        )


def _written(folder: Path) -> Mapping[str, str] | None:
    """The digests of a package's files in its manifest; None if it is no package of this program."""
    file = folder / MANIFEST
    try:
        content: Any = json.loads(file.read_bytes()) if not file.is_symlink() else None
    except (OSError, ValueError):
        return None
    files = content.get('files') if isinstance(content, dict) and _PROGRAM in content else None
    return files if isinstance(files, dict) else None


def _changed(folder: Path, written: Mapping[str, str]) -> Iterator[str]:
    """The files and folders in a package that were added or changed after it was written."""
    owned = {os.path.dirname(path) for path in written}
    owned |= {above for path in list(owned) for above in _above(path)}
    for where, folders, files in os.walk(folder):
        within = os.path.relpath(where, folder).replace(os.sep, '/')
        place = '' if within == '.' else f'{within}/'
        for name in sorted(folders):
            path = place + name
            link = os.path.islink(os.path.join(where, name))
            if name == '__pycache__' and not link:
                folders.remove(name)  # Python's cache.
            elif link or path not in owned:
                folders.remove(name)
                if link or os.listdir(os.path.join(where, name)):
                    yield f'{path}/'
        for name in sorted(files):
            path = place + name
            half = name.startswith(PREFIX) and not place  # An incomplete manifest of a killed process.
            if path != MANIFEST and not half and not _is_as_written(os.path.join(where, name), written.get(path)):
                yield path
        folders.sort()


def _above(path: str) -> Iterator[str]:
    while path:
        path = os.path.dirname(path)
        yield path


def digest(content: bytes) -> str:
    """The digest of a file's content."""
    return hashlib.sha256(content).hexdigest()


def _is_as_written(path: str, known: str | None) -> bool:
    # Unknown files are not read: they may be large.
    return bool(known) and not os.path.islink(path) and digest(Path(path).read_bytes()) == known


def _check_writable(out: Path) -> None:
    parent = out.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK | os.X_OK) or not parent.is_dir():
        raise ExportError(f'{parent}: no permission to write there; give another path with -o')
