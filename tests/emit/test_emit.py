"""Writing a package: all of it, or nothing."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from introspect_export.emit import check_free
from introspect_export.emit import emit as emit_with
from introspect_export.emit.atomic_replace import place, write_atomically
from introspect_export.model import ExportError, InternalError
from introspect_export.model.output_package import OutputFile
from introspect_export.temporary import temporary_folder

FILES = [
    OutputFile('pack/__init__.py', b'x = 1\n'),
    OutputFile('tools/run.sh', b'#!/bin/sh\n', executable=True),
]


def emit(files: list[OutputFile], out: Path, force: bool = False, sources: Iterable[str | Path] = ()) -> Path:
    """Write files with a small manifest."""
    return emit_with(files, {'introspect_export': '1'}, out, force, sources)


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
    emit([OutputFile('pack/new.py', b'')], out, force=True)
    assert tree(out) == {'manifest.json', 'pack/new.py'}
    assert [path.name for path in tmp_path.iterdir()] == ['out']


@pytest.mark.parametrize('manifest', [None, '{"name": "a web page"}', '{"introspect_export": "1"}', '[]', '{'])
def test_force_never_replaces_what_is_no_package(tmp_path: Path, manifest: str | None) -> None:
    (tmp_path / 'thesis').mkdir()
    (tmp_path / 'thesis' / 'chapter.txt').write_text('years of work')
    if manifest is not None:
        (tmp_path / 'thesis' / 'manifest.json').write_text(manifest)
    with pytest.raises(ExportError, match='no exported package'):
        emit(FILES, tmp_path / 'thesis', force=True)
    with pytest.raises(ExportError):
        emit(FILES, tmp_path / 'thesis' / 'chapter.txt', force=True)
    assert (tmp_path / 'thesis' / 'chapter.txt').read_text() == 'years of work'


def added(out: Path) -> None:
    (out / 'work_dirs').mkdir()
    (out / 'work_dirs' / 'epoch_12.pth').write_bytes(b'a day of training')


def edited(out: Path) -> None:
    (out / 'pack' / '__init__.py').write_text('x = 2\n')


def added_within(out: Path) -> None:
    (out / 'pack' / 'mine.py').write_text('')


def linked_within(out: Path) -> None:
    (out / 'data').symlink_to(out.parent)


@pytest.mark.parametrize(
    ('change', 'named'),
    [(added, 'work_dirs/'), (edited, 'pack/__init__.py'), (added_within, 'pack/mine.py'), (linked_within, 'data/')],
)
def test_force_loses_nothing_that_was_added_to_a_package(
    tmp_path: Path, change: Callable[[Path], None], named: str
) -> None:
    out = emit(FILES, tmp_path / 'out')
    change(out)
    before = tree(out)
    with pytest.raises(ExportError, match=re.escape(f'written: {named};')):
        emit(FILES, out, force=True)
    assert tree(out) == before


def test_what_python_and_verifying_leave_in_a_package_is_no_hindrance(tmp_path: Path) -> None:
    out = emit(FILES, tmp_path / 'out')
    (out / 'pack' / '__pycache__').mkdir()
    (out / 'pack' / '__pycache__' / '__init__.cpython-311.pyc').write_bytes(b'')
    manifest = json.loads((out / 'manifest.json').read_text())
    (out / 'manifest.json').write_text(json.dumps({**manifest, 'verification': []}))
    (out / 'empty').mkdir()
    emit(FILES, out, force=True)
    assert tree(out) == {'manifest.json', 'pack/__init__.py', 'tools/run.sh'}


def test_force_never_goes_through_a_link(tmp_path: Path) -> None:
    out = emit(FILES, tmp_path / 'out')
    (tmp_path / 'link').symlink_to(out)
    (tmp_path / 'nowhere').symlink_to(tmp_path / 'missing')
    for name in ('link', 'nowhere'):
        with pytest.raises(ExportError, match='is a link'):
            emit(FILES, tmp_path / name, force=True)
    assert tree(out) == {'manifest.json', 'pack/__init__.py', 'tools/run.sh'}
    assert (tmp_path / 'nowhere').is_symlink()


@pytest.mark.parametrize('below', ['.', 'pack'])
def test_force_never_replaces_where_one_works_or_lives_or_what_is_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    out = emit(FILES, tmp_path / 'out')
    with pytest.raises(ExportError, match='what is being exported'):
        emit(FILES, out, force=True, sources=[out / 'pack' / '__init__.py'])
    monkeypatch.setenv('HOME', str(out / below))
    with pytest.raises(ExportError, match='your home'):
        emit(FILES, out, force=True)
    monkeypatch.undo()
    monkeypatch.chdir(out / below)
    for name in (out, Path('.' if below == '.' else '..')):
        with pytest.raises(ExportError, match='the working folder'):
            emit(FILES, name, force=True)
    with pytest.raises(ExportError, match='root of a file system'):
        check_free(Path('/'), force=True)
    assert tree(out) == {'manifest.json', 'pack/__init__.py', 'tools/run.sh'}


@pytest.mark.parametrize('name', ['n' * 300, 'with\x00null'])
def test_a_name_that_cannot_be_is_refused_before_any_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match='can be no folder'):
        check_free(tmp_path / name, force=False)


def test_a_long_name_with_a_line_break_is_a_name(tmp_path: Path) -> None:
    out = emit(FILES, tmp_path / ('a\n' + 'n' * 250))
    emit(FILES, out, force=True)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


STEPS = ('open', 'os.mkdir', 'os.rename', 'os.rmdir', 'os.remove', 'os.chmod', 'ctypes.dlsym')


def killed_at(step: int, out: Path, files: list[OutputFile]) -> bool:
    """Have a process write a package and be killed at a step that changes files; whether it came to that."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, _: object) -> None:
            if event in STEPS:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        emit(files, out, force=True)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize('in_one_step', [True, False])
def test_killed_at_any_step_the_old_or_the_new_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    if not in_one_step:
        monkeypatch.setattr('introspect_export.emit.atomic_replace._exchanged', lambda *_: False)
    new = [OutputFile('pack/other.py', b''), *FILES]
    old_names = {'manifest.json', *(one.path for one in FILES)}
    new_names = {'manifest.json', *(one.path for one in new)}
    seen = set()
    for step in range(200):
        out = tmp_path / str(step) / 'out'
        emit(FILES, out)
        if not killed_at(step, out, new):
            break
        if in_one_step or out.exists():
            assert tree(out) in (old_names, new_names)
            seen.add(len(tree(out)))
        emit(FILES, out.with_name('next'))  # The next run moves back the old package and removes stale folders.
        assert tree(out) in (old_names, new_names)
        assert sorted(each.name for each in out.parent.iterdir()) == ['next', 'out']
    else:
        pytest.fail('it never came to its end')
    assert step > 20
    assert seen == {len(old_names), len(new_names)}


def test_a_folder_that_a_living_process_holds_is_left_alone(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as mine:
        (mine / 'file').write_text('')
        emit(FILES, tmp_path / 'out')
        assert (mine / 'file').exists()
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_two_at_once_leave_one_whole_package(tmp_path: Path) -> None:
    def write(number: int) -> object:
        files = [*FILES, OutputFile(f'pack/{number}.py', b'')]
        try:
            return emit(files, tmp_path / 'out', force=number % 2 == 0)
        except ExportError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(write, range(40)))
    assert any(isinstance(each, Path) for each in done)
    assert len(tree(tmp_path / 'out')) == len(FILES) + 2
    assert [path.name for path in tmp_path.iterdir()] == ['out']
    emit(FILES, tmp_path / 'out', force=True)


def test_a_file_is_written_whole_or_not(tmp_path: Path) -> None:
    file = tmp_path / 'page.html'
    write_atomically(file, b'one')
    (tmp_path / 'link').symlink_to(file)
    write_atomically(tmp_path / 'link', b'two')
    assert (file.read_bytes(), (tmp_path / 'link').is_symlink()) == (b'two', True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ['link', 'page.html']


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


@contextlib.contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Have writing fail in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_cannot_be_written_whole_stays_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / 'file'
    write_atomically(file, b'old')
    with no_file_above(10), pytest.raises(OSError, match=re.escape(f"File too large: '{file}'")):
        write_atomically(file, b'new' * 10)
    assert file.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [file]


def test_a_half_written_file_is_removed_by_who_writes_next(tmp_path: Path) -> None:
    file = tmp_path / 'file'
    child = os.fork()
    if child == 0:
        sys.addaudithook(lambda event, _: os.kill(os.getpid(), signal.SIGKILL) if event == 'os.rename' else None)
        write_atomically(file, b'one')
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert len(list(tmp_path.iterdir())) == 1
    write_atomically(file, b'two')
    assert list(tmp_path.iterdir()) == [file]


def test_a_package_that_is_too_large_for_the_disk_leaves_nothing(tmp_path: Path) -> None:
    with no_file_above(100), pytest.raises(ExportError, match='cannot be written: File too large; nothing was changed'):
        emit([*FILES, OutputFile('pack/large.py', b'#' * 200)], tmp_path / 'out')
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('exchanging', [True, False])
def test_a_folder_that_may_not_be_replaced_is_back_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchanging: bool
) -> None:
    if not exchanging:
        monkeypatch.setattr('introspect_export.emit.atomic_replace._exchanged', lambda *_: False)
    out, new = tmp_path / 'out', tmp_path / 'staging' / 'new'
    for folder, text in ((out, 'old'), (new, 'new')):
        folder.mkdir(parents=True)
        (folder / 'a.txt').write_text(text)

    def refuse(folder: Path) -> None:
        assert (folder / 'a.txt').read_text() == 'old'
        raise ExportError('somebody changed it meanwhile')

    with pytest.raises(ExportError, match='meanwhile'):
        place(new, out, tmp_path / 'staging', refuse)
    assert ((out / 'a.txt').read_text(), (new / 'a.txt').read_text()) == ('old', 'new')


def test_a_file_that_is_rewritten_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / 'a.txt'
    file.write_text('old')
    file.chmod(0o640)
    write_atomically(file, b'new')
    assert (file.read_text(), file.stat().st_mode & 0o777) == ('new', 0o640)
