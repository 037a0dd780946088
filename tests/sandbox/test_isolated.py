"""The parts of the program that run where the program cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from introspect_export.sandbox.on_path import FOLDER, NAME, start

PARTS = ('sandbox.blocking', 'sandbox.weights', 'verify.child.job', 'verify.child.role', 'verify.child.forked_jobs')

CODE = f"""
import importlib, json, sys
sys.path.insert(0, {FOLDER!r})
for part in {PARTS!r}:
    importlib.import_module('{NAME}.' + part)
sys.path.remove({FOLDER!r})
early = 'mmengine' in sys.modules
blocking = importlib.import_module('{NAME}.sandbox.blocking')
supplied = blocking.isolate({{'out': '/nowhere', 'blocked': ['introspect_export', 'colorsys'], 'path': sys.argv[1:]}})
found = {{}}
for name in ('introspect_export', 'colorsys', 'isolated_lib.hard', 'isolated_lib.soft', 'socket'):
    try:
        module = importlib.import_module(name)
        found[name] = str(getattr(module, 'fast', ''))
    except ImportError as error:
        found[name] = type(error).__name__
import importlib.metadata
for name in ('isolated-distro', 'free-distro', 'no-such-distro'):
    try:
        found[name] = str(importlib.metadata.version(name) == '1.2')
    except ImportError as error:
        found[name] = type(error).__name__
try:
    sys.modules['socket'].getaddrinfo('localhost', 80)
except OSError as error:
    found['network'] = type(error).__name__
leaked = sorted(name for name in sys.modules if name.partition('.')[0] == 'introspect_export')
print(json.dumps([found, list(supplied), leaked, early]))
"""


@pytest.fixture(scope='module')
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """What an isolated interpreter can import and reach, which extensions it supplied, what it has of the program."""
    library = tmp_path_factory.mktemp('site') / 'isolated_lib'
    library.mkdir()
    (library / '__init__.py').write_text('')
    (library / 'hard.py').write_text('from isolated_lib import _ext\nfast = callable(_ext.run)\n')
    (library / 'soft.py').write_text('try:\n    from isolated_lib import _ext\nexcept ImportError:\n    fast = None\n')
    for name, top in (('isolated', 'colorsys\nother\n'), ('free', 'other\n')):
        distribution = library.parent / f'{name}_distro-1.2.dist-info'
        distribution.mkdir()
        (distribution / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}-distro\nVersion: 1.2\n')
        (distribution / 'top_level.txt').write_text(top)
    command = [sys.executable, '-I', '-c', CODE, str(library.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: list[object] = json.loads(done.stdout)
    return result


def test_an_isolated_interpreter_reaches_only_what_it_may(seen: list[object]) -> None:
    assert seen[0] == {
        'introspect_export': 'ModuleNotFoundError',
        'colorsys': 'ModuleNotFoundError',
        'isolated_lib.hard': 'True',
        'isolated_lib.soft': 'None',
        'socket': '',
        'isolated-distro': 'ModuleNotFoundError',
        'free-distro': 'True',
        'no-such-distro': 'PackageNotFoundError',
        'network': 'NetworkRefused',
    }


def test_an_extension_is_supplied_and_nothing_of_the_program_is_imported(seen: list[object]) -> None:
    assert seen[1:3] == [['isolated_lib._ext'], []]


def test_mmengine_is_not_imported_before_the_process_is_isolated(seen: list[object]) -> None:
    # It is found where the job says, and may import what is to be blocked.
    assert seen[3] is False


def test_of_two_versions_of_a_library_the_exporting_process_s_is_imported(tmp_path: Path) -> None:
    for version in ('newer', 'older'):
        (tmp_path / version).mkdir()
        (tmp_path / version / 'versioned.py').write_text(f'version = {version!r}\n')
    code = f"""
import sys
sys.path[:0] = [{FOLDER!r}, sys.argv[2]]
from {NAME}.sandbox.blocking import isolate
isolate({{'out': '/nowhere', 'blocked': [], 'path': sys.argv[1:]}})
import versioned
print(versioned.version)
"""
    command = [sys.executable, '-I', '-c', code, str(tmp_path / 'newer'), str(tmp_path / 'older')]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == 'newer\n'


def test_the_folder_and_the_working_folder_leave_the_path(tmp_path: Path) -> None:
    (tmp_path / 'json.py').write_text('raise ValueError("the working folder is on the path")\n')
    job, answer = tmp_path / 'job.json', tmp_path / 'answer.json'
    job.write_text(json.dumps({'modules': ['json', NAME], 'blocked': [], 'path': [], 'out': str(tmp_path)}))
    subprocess.run(
        [sys.executable, *start('verify.child.original_imports'), str(job), str(answer)], cwd=tmp_path, check=True
    )
    assert json.loads(answer.read_text()) == {}
    code = f'{start("verify.child.original_imports")[1].partition("main(")[0]}print(sys.path)'
    printed = subprocess.run([sys.executable, '-c', code, FOLDER], capture_output=True, text=True, check=True).stdout
    assert FOLDER not in printed and "['', " not in printed
