"""Small projects that are written for one test and forgotten after it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mmengine.registry import Registry
from mmengine.utils import ManagerMixin


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
def printed() -> Callable[[Path, str], str]:
    """Runs a script in a fresh interpreter in a folder; what it prints."""

    def run(folder: Path, script: str) -> str:
        command = [sys.executable, '-W', 'ignore', '-c', script]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
