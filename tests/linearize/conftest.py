"""Modules made from text, and flattened classes executed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Make a module from text, with a file of its own."""

    def make_module(name: str, text: str) -> ModuleType:
        file = tmp_path / f'{name}.py'
        file.write_text(text)
        module = ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(text, str(file), 'exec', dont_inherit=True), module.__dict__)
        return module

    return make_module


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[StandaloneClass], Any]:
    """Execute the text of a flattened class; the class."""

    def execute(result: StandaloneClass) -> Any:
        module = ModuleType('flattened')
        monkeypatch.setitem(sys.modules, 'flattened', module)
        exec(compile(result.text, '<flattened>', 'exec', dont_inherit=True), module.__dict__)
        return getattr(module, result.symbol.name)

    return execute
