"""Which tests are unit tests, and small projects that are written for one test and forgotten after it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from mmengine.registry import Registry
from mmengine.utils import ManagerMixin

from introspect_export.sandbox.audit_hook import listening

# Folders, files and tests that start other processes: exported packages run, or train, in interpreters of their own.
# With those marked `corpus` or `slow` they are what `make unit` leaves out; a test that is not here may start none.
STARTING_PROCESSES = (
    'batch/test_batch.py',
    'batch/test_forkserver.py',
    'batch/test_servers.py',
    'batch/test_shared.py',
    'carry/',
    'cli/test_termination.py::test_a_forked_process',
    'cli/test_help.py',
    'documents/test_documents_run.py',
    'documents/test_documents_text.py::test_shell_scripts_parse',
    'documents/test_documents_text.py::test_the_backport',
    'emit/test_emit.py::test_killed_at_any_step',
    'emit/test_emit.py::test_a_half_written_file_is_removed',
    'export/',
    'fast_test/',
    'inspect/test_page.py::test_tree_and_arguments',
    'inspect/test_page.py::test_what_is_wrong',
    'inspect/test_page.py::test_search',
    'inspect/test_page.py::test_chain_methods',
    'inspect/test_page.py::test_keys',
    'inspect/test_page.py::test_many_objects',
    'linearize/test_enclosed.py::test_the_command_prints_what_runs',
    'linearize/test_typed_in.py',
    'link/test_files.py',
    'link/test_odd_names.py',
    'link/test_resources.py',
    'link/test_substitution.py',
    'link/test_hub_configs.py',
    'link/test_scoped_types.py',
    'link/test_startup.py',
    'observe/test_building.py::test_torch_s_compiler',
    'observe/test_imports.py::test_what_the_program_needs',
    'reach/',
    'sandbox/test_isolated.py',
    'tiny_data/test_tiny_data.py::test_the_folder_is_importable',
    'verify/test_verify_child.py::test_generators_that_seed_themselves',
    'verify/test_verify_child.py::test_who_ended',
    'verify/test_verify_evaluate.py',
    'verify/test_verify_faults.py',
    'verify/test_verify_levels.py',
    'verify/test_verify_pack.py',
    'verify/test_verify_real.py',
)
_PROCESSES = ('subprocess.Popen', 'os.fork', 'os.posix_spawn', 'os.system')
_HERE = Path(__file__).parent


def pytest_sessionstart() -> None:
    """Let matplotlib list the fonts, which it does by a process when it is first imported on a machine."""
    if importlib.util.find_spec('matplotlib') is not None:
        importlib.import_module('matplotlib.font_manager')


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the unit tests: what needs no real library, is not slow and starts no process."""
    for item in items:
        name = item.path.relative_to(_HERE).as_posix() + item.nodeid[item.nodeid.index('::') :]
        marked = any(item.get_closest_marker(each) for each in ('corpus', 'slow'))
        if not marked and not name.startswith(STARTING_PROCESSES):
            item.add_marker('unit')


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let no unit test start a process, so that unit tests stay quick."""

    def refuse(_: tuple[Any, ...]) -> None:
        raise AssertionError('a unit test starts no process: name it in STARTING_PROCESSES, in tests/conftest.py')

    with ExitStack() as stack:
        for event in _PROCESSES if item.get_closest_marker('unit') else ():
            stack.enter_context(listening(event, refuse))
        return (yield)


def _kinds(kind: Any) -> Iterator[Any]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


@pytest.fixture(autouse=True)
def _global_instances() -> Iterator[None]:
    """A test begins and ends with none of mmengine's global instances: a default scope changes what types mean."""
    before = {kind: dict(kind._instance_dict) for kind in _kinds(ManagerMixin)}
    for kind in before:
        kind._instance_dict.clear()
    yield
    for kind in _kinds(ManagerMixin):
        kind._instance_dict.clear()
        kind._instance_dict.update(before.get(kind, {}))


@pytest.fixture
def small_project(tmp_path: Path) -> Iterator[Callable[[Mapping[str, str]], Path]]:
    """Writes files into a folder that modules are imported from until the test is over."""
    before = set(sys.modules)
    tops: set[str] = set()

    def write(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
            tops.add(name.partition('/')[0].replace('.py', ''))
        return tmp_path

    sys.path.insert(0, str(tmp_path))
    yield write
    sys.path.remove(str(tmp_path))
    for name in set(sys.modules) - before:
        if name.partition('.')[0] in tops:
            del sys.modules[name]
    for registry in [one for one in vars(sys.modules['mmengine.registry']).values() if isinstance(one, Registry)]:
        for top in tops:
            registry.children.pop(top, None)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Mapping[str, str]], None]:
    """Makes an installed distribution of one package, of files by their names."""

    def made(name: str, files: Mapping[str, str]) -> None:
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
        info = tmp_path / f'{name}-1.0.dist-info'
        info.mkdir()
        (info / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n')
        (info / 'RECORD').write_text(f'{name}/__init__.py,,\n')
        monkeypatch.syspath_prepend(tmp_path)

    return made


@pytest.fixture
def printed() -> Callable[[Path, str], str]:
    """Runs a script in a fresh interpreter in a folder; what it prints."""

    def run(folder: Path, script: str) -> str:
        command = [sys.executable, '-W', 'ignore', '-c', script]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
