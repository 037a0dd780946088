"""Classes that were typed in: into real consoles, into cells of a notebook, into the script that is run."""

from __future__ import annotations

import itertools
import linecache
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from introspect_export.live_class.flatten_class import StandaloneClass, flatten_class
from introspect_export.model import ExportError

Run = Callable[[StandaloneClass], Any]
PATH = str(Path(__file__).resolve().parents[2])
PARENT = """
class Parent:
    size = 1
    def f(self):
        return LIMIT
"""
LEAF = """
class Leaf(Parent):
    def f(self):
        return super().f() + 1
"""
SHOW = """
from introspect_export.live_class.flatten_class import flatten_class
found = flatten_class(Leaf)
made = dict(globals())
exec(found.text, made) if __name__ == '__main__' else exec(found.text, globals(), made)
print('MER' + 'GED', [each.qualname for each in found.merged], made['Leaf']().f(), made['Leaf'].__bases__)
print('DO' + 'NE')
"""


def converse(command: list[str], text: str, home: Path) -> str:
    """Type text into a program that runs in a terminal; what the terminal showed."""
    outer, inner = pty.openpty()
    environment = {**os.environ, 'PYTHONPATH': PATH, 'HOME': str(home), 'TERM': 'dumb'}
    process = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment)
    os.close(inner)
    shown = ''
    try:
        os.write(outer, text.replace('\n    ', '\n\t').encode())
        end = time.monotonic() + 120
        while time.monotonic() < end and 'DONE' not in shown and 'Error' not in shown:
            if select.select([outer], [], [], 1)[0]:
                shown += os.read(outer, 65536).decode()
    finally:
        process.kill()
        process.wait()
        os.close(outer)
    return shown


@pytest.mark.parametrize(
    'command',
    [['-i', '-q'], ['-c', 'import readline, code; code.InteractiveConsole().interact()']],
    ids=['main', 'other'],
)
def test_typed_into_a_console(tmp_path: Path, command: list[str]) -> None:
    later = PARENT.replace('LIMIT', '0').replace('size = 1', 'size = 2')
    shown = converse(
        [sys.executable, '-W', 'ignore', *command], f'LIMIT = 3\n{PARENT}\n{LEAF}\n{later}\n{SHOW}', tmp_path
    )
    assert "MERGED ['Parent'] 4 (<class 'object'>,)" in shown


def test_in_the_script_that_is_run(tmp_path: Path) -> None:
    script = tmp_path / 'script.py'
    script.write_text(f'LIMIT = 3\n{PARENT}{LEAF}{SHOW}')
    environment = {**os.environ, 'PYTHONPATH': PATH}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=False)
    assert "MERGED ['Parent'] 4 (<class 'object'>,)" in done.stdout, done.stderr


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Run the cells of a notebook, as IPython does: each is compiled under a name that the line cache knows."""
    module = ModuleType('notebook')
    monkeypatch.setitem(sys.modules, 'notebook', module)
    numbers = itertools.count()

    def run_cell(text: str) -> ModuleType:
        name = f'<ipython-input-{next(numbers)}-0a2e30ca2201>'
        entry = (len(text), None, text.splitlines(keepends=True), name)
        monkeypatch.setitem(linecache.cache, name, entry)
        exec(compile(text, name, 'exec', dont_inherit=True), module.__dict__)
        return module

    return run_cell


def test_in_cells_of_a_notebook(cell: Callable[[str], ModuleType], run: Run) -> None:
    cell(f'LIMIT = 3\n{PARENT}')
    module = cell(f'import math\n{LEAF}\n\nprint(math.pi)\n')
    leaf: Any = module.Leaf
    result = flatten_class(leaf)
    assert [each.qualname for each in result.merged] == ['Parent']
    assert run(result)().f() == leaf().f() == 4


def test_in_functions_of_a_cell(cell: Callable[[str], ModuleType], run: Run) -> None:
    lines = f'{PARENT}{LEAF}'.replace('\n', '\n        ').rstrip()
    module = cell(f'LIMIT = 3\ndef make(wide):\n    if wide:{lines}\n    return Leaf\n')
    leaf: Any = module.make(1)
    cell('def make():\n    class Leaf:\n        pass\n    return Leaf\n')
    result = flatten_class(leaf)
    assert [each.qualname for each in result.merged] == ['make.<locals>.Parent']
    assert run(result)().f() == leaf().f() == 4


def test_a_cell_that_was_changed_since(cell: Callable[[str], ModuleType], run: Run) -> None:
    cell(f'LIMIT = 3\n{PARENT}')
    leaf: Any = cell(LEAF).Leaf
    cell(PARENT.replace('LIMIT', 'LIMIT + 10'))
    assert run(flatten_class(leaf))().f() == leaf().f() == 4


def test_a_cell_with_a_class_without_methods(cell: Callable[[str], ModuleType], run: Run) -> None:
    cell('class Parent:\n    size = 1\n')
    cell('class Parent:\n    size = 2\n')
    leaf: Any = cell('class Leaf(Parent):\n    other = 3\n').Leaf
    cell('class Parent:\n    size = 4\n')
    flat = run(flatten_class(leaf))
    assert (flat.size, flat.other, flat.__bases__) == (2, 3, (object,))


@pytest.mark.parametrize(
    'change',
    ['Parent.f = lambda self: 0', 'Parent.f = other', 'Parent.size = 2', 'Parent.g = other', 'del Parent.size'],
)
def test_a_class_that_was_changed_since(cell: Callable[[str], ModuleType], change: str) -> None:
    cell(f'LIMIT = 3\n{PARENT}\ndef other(self):\n    return LIMIT\n')
    leaf = cell(f'{LEAF}\n{change}\n').Leaf
    assert not flatten_class(leaf).merged


def test_a_statement_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType('lost')
    monkeypatch.setitem(sys.modules, 'lost', module)
    exec(compile(f'LIMIT = 1\n{PARENT}{LEAF}', '<string>', 'exec', dont_inherit=True), module.__dict__)
    with pytest.raises(ExportError, match='IE-LIN-NO-SOURCE'):
        flatten_class(module.Leaf)
