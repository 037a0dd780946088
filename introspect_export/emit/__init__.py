"""The emitting stage: compile all files, write them to a temporary folder, and rename it into place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from introspect_export.emit.atomic_replace import place, restore
from introspect_export.emit.replaceable import MANIFEST, check_free, check_package, digest
from introspect_export.model import ExportError, InternalError
from introspect_export.model.package import OutputFile
from introspect_export.temporary import temporary_folder

__all__ = ['check_free', 'emit']


def emit(files: Iterable[OutputFile], out: Path, force: bool = False, sources: Iterable[str | Path] = ()) -> Path:
    """Write a package.

    Args:
        files: Its files.
        out: Its folder.
        force: Whether to replace an existing package.
        sources: The exported files, which must not be replaced.

    Returns:
        The folder.

    Raises:
        ExportError: The folder exists, or cannot be written.
        InternalError: A Python file does not compile; the message names a file with its text.
    """
    files = _with_digests(files)
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


def _with_digests(files: Iterable[OutputFile]) -> list[OutputFile]:
    """The files, with their digests in the manifest, by which ``check_package`` detects other files and changes."""
    files = list(files)
    digests = {file.path: digest(file.content) for file in sorted(files) if file.path != MANIFEST}
    return [_manifest_with(file, digests) if file.path == MANIFEST else file for file in files]


def _manifest_with(manifest: OutputFile, digests: dict[str, str]) -> OutputFile:
    content = {**json.loads(manifest.content), 'files': digests}
    return replace(manifest, content=(json.dumps(content, indent=1, ensure_ascii=False) + '\n').encode())


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
