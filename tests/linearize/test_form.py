"""Flattening as text: each case is a module, and after the divider what its last class becomes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from introspect_export.linearize import linearize
from introspect_export.linearize.render import render
from introspect_export.live_class.live_modules import binding_of
from introspect_export.observe.chains import chain_of
from introspect_export.read import read_module

CASES = Path(__file__).parent / 'cases'
INLINED = CASES / 'inlined'
DIVIDER = '# output\n'


def last_class(module: ModuleType) -> type:
    return [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__][-1]


def flattened(name: str, text: str, file: str, *, inline: bool = False) -> str:
    """What a case's last class becomes: its text, or the refusals."""
    module = ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module
    exec(compile(text, file, 'exec', dont_inherit=True), module.__dict__)
    source = read_module(name, file, False, text)
    cls = last_class(module)
    chain = chain_of(cls, lambda home: home == name)
    flat = linearize(chain, lambda home: source if home == name else None, binding_of(cls), inline=inline)
    if flat.diagnostics:
        return ''.join(f'# {each}\n' for each in flat.diagnostics).replace(file, f'{name}.py')
    result = render(flat.pieces, lambda home: source) + '\n'
    compile(result, file, 'exec', dont_inherit=True)
    return result


@pytest.mark.parametrize('path', sorted([*CASES.glob('*.py'), *INLINED.glob('*.py')]), ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    text, _, expected = path.read_text().partition(DIVIDER)
    result = flattened(path.stem, text, str(path), inline=path.parent == INLINED)
    if os.environ.get('UPDATE_GOLDENS'):
        path.write_text(f'{text}{DIVIDER}{result}')
        return
    assert result == expected
