"""The emitting stage: compile all files, write them to a temporary folder, and rename it into place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from introspect_export.emit.atomic_replace import place, restore
from introspect_export.emit.replaceable import MANIFEST, check_free, check_package, digest
from introspect_export.model import ExportError, InternalError
from introspect_export.model.output_package import OutputFile
from introspect_export.temporary import temporary_folder

__all__ = ['check_free', 'emit']


def emit(
    files: Iterable[OutputFile],
    manifest: Mapping[str, Any],
    out: Path,
    force: bool = False,
    sources: Iterable[str | Path] = (),
) -> Path:
    """Write a package.

    Args:
        files: Its files, but for the manifest.
        manifest: What the manifest holds; the digests of the files are added, by which ``check_package`` detects other
            files and changes.
        out: Its folder.
        force: Whether to replace an existing package.
        sources: The exported files, which must not be replaced.

    Returns:
        The folder.

    Raises:
        ExportError: The folder exists, or cannot be written.
        InternalError: A Python file does not compile; the message names a file with its text.
    """
    files = list(files)
    digests = {file.path: digest(file.content) for file in sorted(files)}
    text = json.dumps({**manifest, 'files': digests}, indent=1, ensure_ascii=False) + '\n'
    files.append(OutputFile(MANIFEST, text.encode()))
    for file in files:
        if file.path.endswith('.py'):
            _compile(file)
    check_free(out, force, sources)
    parent = out.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        # In the same file system as the target, so that the rename is atomic.
        with temporary_folder(parent, restore=restore) as staging:
            work = staging / 'new'
            work.mkdir()
            for file in files:
                _write(work, file)
            work.chmod(0o755)
            check_free(out, force, sources)  # It may have been created meanwhile.
            place(work, out, staging, lambda old: check_package(old, out))
    except OSError as error:
        raise ExportError(f'{out}: cannot be written: {error.strerror or error}; nothing was changed there') from error
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
