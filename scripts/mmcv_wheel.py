"""The mmcv wheel with compiled operators: from the cache, or built from its source archive.

PyPI has mmcv 2.1.0 as source only. The build takes about eight minutes on two cores, so the wheel
is kept outside the clone, in a folder named after all it was compiled for.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steps import SetupError, run_logged, say

# mmcv 2.1.0 asks for C++17; the headers of torch 2.14 want C++20.
OLD_FLAG = '-std=c++17'
NEW_FLAG = '-std=c++20'


def cache_folder(torch_version: str) -> Path:
    """Return the folder of the wheels compiled for this torch, Python and machine."""
    root = os.environ.get('XDG_CACHE_HOME') or str(Path.home() / '.cache')
    python = sys.implementation.cache_tag.replace('cpython-', 'cp')
    machine = sysconfig.get_platform()
    return Path(root) / 'introspect-export' / 'wheels' / f'torch{torch_version}-{python}-{machine}'


def find_wheel(version: str, folder: Path) -> Path | None:
    """Return the cached wheel of this version, if there is one."""
    return next(iter(sorted(folder.glob(f'mmcv-{version}-*.whl'))), None)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time look for and build wheels; a second one waits for the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / '.lock').open('w') as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say('      another process is building the wheel: waiting for it')
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def check_compiler() -> None:
    """Fail early, before gigabytes are downloaded, where nothing can be compiled.

    Raises:
        SetupError: there is no C++ compiler or no Python headers.
    """
    missing = []
    if not any(shutil.which(name) for name in (os.environ.get('CXX', 'c++'), 'g++')):
        missing.append('a C++ compiler')
    if not (Path(sysconfig.get_path('include')) / 'Python.h').is_file():
        missing.append('the headers of this Python')
    if missing:
        raise SetupError(f'{" and ".join(missing)} needed to build mmcv; on Debian: apt-get install g++ python3-dev')


def build_wheel(version: str, python: Path, folder: Path, log: Path) -> Path:
    """Build the wheel with `python`, whose environment has torch, and move it into the cache."""
    with tempfile.TemporaryDirectory(prefix='mmcv-build-') as scratch:
        source = unpack_source(version, python, Path(scratch), log)
        modernize(source / 'setup.py')
        command = [str(python), '-m', 'pip', 'wheel', '--no-deps', '--no-build-isolation']
        command += ['-w', scratch, str(source)]
        run_logged(command, log, env=build_environment(python))
        built = find_wheel(version, Path(scratch))
        if built is None:
            raise SetupError(f'the build of mmcv {version} left no wheel; log: {log}')
        return store(built, folder)


def unpack_source(version: str, python: Path, scratch: Path, log: Path) -> Path:
    """Download the source archive and unpack it; return its folder."""
    command = [str(python), '-m', 'pip', 'download', '--no-deps', '--no-build-isolation']
    command += ['--no-binary', 'mmcv', '-d', str(scratch), f'mmcv=={version}']
    run_logged(command, log)
    archive = next(scratch.glob(f'mmcv-{version}.*'), None)
    if archive is None:
        raise SetupError(f'no source archive of mmcv {version} was downloaded; log: {log}')
    shutil.unpack_archive(archive, scratch)
    return scratch / f'mmcv-{version}'


def modernize(setup: Path) -> None:
    """Ask for the C++ standard that torch's headers need."""
    text = setup.read_text(encoding='utf-8')
    if OLD_FLAG not in text:
        raise SetupError(f'{setup} has no {OLD_FLAG}: not the mmcv this script was written for')
    setup.write_text(text.replace(OLD_FLAG, NEW_FLAG), encoding='utf-8')


def build_environment(python: Path) -> dict[str, str]:
    """Return the variables of the build: operators on, CUDA off, ninja on the path."""
    env = dict(os.environ, MMCV_WITH_OPS='1', FORCE_CUDA='0')
    env['PATH'] = os.pathsep.join([str(python.parent), env.get('PATH', os.defpath)])
    env.setdefault('MAX_JOBS', str(os.cpu_count() or 1))
    return env


def store(wheel: Path, folder: Path) -> Path:
    """Copy a wheel into the cache under its final name in one move."""
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / wheel.name
    partial = final.with_suffix('.partial')
    shutil.copyfile(wheel, partial)
    partial.replace(final)
    return final
