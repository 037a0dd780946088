"""The emitting stage: compiles everything, writes to a temporary folder, and renames it into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from introspect_export.model import ExportError, InternalError
from introspect_export.model.package import OutputFile


def check_free(out: Path, force: bool) -> None:
    """Refuse an output path that exists (or cannot be written below), before any work is done.

    Raises:
        ExportError: ``out`` exists and ``force`` is not set, is a file, or its folder cannot be written.
    """
    if out.exists() and not force:
        raise ExportError(f'{out} exists; give another path with -o, or --force to replace it')
    if out.exists() and not (out.is_dir() and ((out / 'manifest.json').exists() or not any(out.iterdir()))):
        raise ExportError(
            f'{out} is no exported package, so --force will not replace it; remove it or give another path'
        )
    parent = out.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK | os.X_OK) or not parent.is_dir():
        raise ExportError(f'{parent}: no permission to write there; give another path with -o')


def emit(files: Iterable[OutputFile], out: Path, force: bool = False) -> Path:
    """Write a package.

    Args:
        files: Its files.
        out: The folder it becomes.
        force: Replace a package that is there.

    Returns:
        The folder.

    Raises:
        ExportError: The folder exists, or cannot be written.
        InternalError: A Python file does not compile; its text is saved and named.
    """
    files = list(files)
    for file in files:
        if file.path.endswith('.py'):
            _compile(file)
    check_free(out, force)
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the rename stays within one file system and is atomic.
        work = Path(tempfile.mkdtemp(prefix=f'.{out.name}.', dir=out.absolute().parent))
    except OSError as error:
        raise ExportError(f'{out}: cannot be written: {error.strerror}') from error
    try:
        for file in files:
            _write(work, file)
        work.chmod(0o755)
        _replace(work, out)
    except OSError as error:
        raise ExportError(f'{out}: cannot be written: {error.strerror or error}; nothing was left there') from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return out


def _compile(file: OutputFile) -> None:
    try:
        compile(file.content, file.path, 'exec', dont_inherit=True)
    except SyntaxError as error:
        with tempfile.NamedTemporaryFile('wb', suffix='.py', prefix='introspect_export_', delete=False) as saved:
            saved.write(file.content)
        raise InternalError(f'{file.path}:{error.lineno}: {error.msg}; the text is in {saved.name}') from error


def _write(work: Path, file: OutputFile) -> None:
    path = work / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.content)
    path.chmod(0o755 if file.executable else 0o644)


def _replace(work: Path, out: Path) -> None:
    if not out.exists():
        work.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f'.{out.name}.old.', dir=out.absolute().parent))
    out.rename(old / 'pack')
    try:
        work.rename(out)
    except OSError:
        (old / 'pack').rename(out)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
