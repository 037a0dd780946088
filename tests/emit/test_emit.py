"""Writing a package: all of it, or nothing."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from introspect_export.emit import check_free, emit
from introspect_export.model import ExportError, InternalError
from introspect_export.model.package import OutputFile

FILES = [
    OutputFile('manifest.json', b'{}'),
    OutputFile('pack/__init__.py', b'x = 1\n'),
    OutputFile('tools/run.sh', b'#!/bin/sh\n', executable=True),
]


def tree(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob('*') if path.is_file()}


def test_files_are_written_with_their_permissions(tmp_path: Path) -> None:
    out = emit(FILES, tmp_path / 'deep' / 'out')
    assert tree(out) == {'manifest.json', 'pack/__init__.py', 'tools/run.sh'}
    assert (out / 'tools' / 'run.sh').stat().st_mode & 0o777 == 0o755
    assert (out / 'manifest.json').stat().st_mode & 0o777 == 0o644


def test_what_exists_is_not_replaced_without_force(tmp_path: Path) -> None:
    out = emit(FILES, tmp_path / 'out')
    with pytest.raises(ExportError, match='--force'):
        emit(FILES, out)
    emit([*FILES[:1], OutputFile('pack/new.py', b'')], out, force=True)
    assert tree(out) == {'manifest.json', 'pack/new.py'}
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_force_never_replaces_what_is_no_package(tmp_path: Path) -> None:
    (tmp_path / 'thesis').mkdir()
    (tmp_path / 'thesis' / 'chapter.txt').write_text('years of work')
    with pytest.raises(ExportError, match='no exported package'):
        check_free(tmp_path / 'thesis', force=True)
    with pytest.raises(ExportError):
        check_free(tmp_path / 'thesis' / 'chapter.txt', force=True)


def test_code_that_does_not_compile_is_our_fault_and_saved(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match=r'pack/bad\.py:2.*the text is in (.*\.py)') as caught:
        emit([OutputFile('pack/bad.py', b'x = 1\ny = = 2\n')], tmp_path / 'out')
    saved = Path(str(caught.value).rpartition(' ')[2])
    assert saved.read_bytes() == b'x = 1\ny = = 2\n'
    saved.unlink()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('error', [OSError(errno.ENOSPC, 'No space left on device'), KeyboardInterrupt()])
def test_a_full_disk_or_an_interrupt_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    out = emit(FILES, tmp_path / 'out')
    write = Path.write_bytes

    def failing(path: Path, content: bytes) -> int:
        if path.name == 'run.sh':
            raise error
        return write(path, content)

    monkeypatch.setattr(Path, 'write_bytes', failing)
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else ExportError
    with pytest.raises(expected):
        emit([OutputFile('pack/other.py', b''), *FILES], out, force=True)
    assert tree(out) == {'manifest.json', 'pack/__init__.py', 'tools/run.sh'}
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(ExportError, match='file'):
        emit(FILES, tmp_path / 'file' / 'out')
