"""Imports of missing extensions: guarded ones fail as they do for the user, whatever the guard is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from introspect_export.observe.missing import placeholders

GUARDED = {
    'hushed': 'with contextlib.suppress(ImportError):',
    'hushed_too': 'with warnings.catch_warnings(), suppress(OSError, ModuleNotFoundError):',
    'managed': 'with trying():',
    'quiet': 'with Quiet():',
    'caught': 'try:',
}
NOT_GUARDED = {'warned': 'with warnings.catch_warnings(), threading.Lock():', 'hushed_other': 'with suppress(OSError):'}
MODULE = """
import contextlib
import threading
import warnings
from contextlib import contextmanager, suppress

MISSING = (AttributeError, ImportError)
fast = False

@contextmanager
def trying():
    try:
        yield
    except ImportError:
        pass

class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ModuleNotFoundError

{guard}
    import {library}._{name}
    fast = True
"""
ASKING = {
    'asking': 'import importlib.util\nfast = importlib.util.find_spec("{library}._asked") is not None\n',
    'listing': 'import pkgutil, {library} as a\nfast = any(m.name == "_l" for m in pkgutil.iter_modules(a.__path__))\n',
    'deep': 'try:\n    import {library}.hard as fast\nexcept ImportError:\n    fast = False\n',
}
USERS = {
    'statement': 'try:\n    import {library}.hard as fast\nexcept ImportError:\n    fast = False\n',
    'spelled': 'from importlib import import_module\ntry:\n    fast = import_module("{library}.hard")\n'
    'except ImportError:\n    fast = False\n',
    'given': 'from importlib import import_module\nNAME = "{library}.hard"\ntry:\n    fast = import_module(NAME)\n'
    'except ImportError:\n    fast = False\n',
}


@pytest.fixture
def library(tmp_path: Path, install: Callable[[str, Mapping[str, str]], None]) -> str:
    """An installed distribution whose compiled extensions are missing, and modules that use it."""
    name = f'guardlib{abs(hash(tmp_path))}'
    texts = {key: MODULE.format(library=name, name=key, guard=text) for key, text in {**GUARDED, **NOT_GUARDED}.items()}
    texts['caught'] += 'except MISSING:\n    pass\n'
    texts |= {key: text.format(library=name) for key, text in ASKING.items()}
    texts |= {'__init__': '', 'hard': f'import {name}._other\n'}
    install(name, {f'{key}.py': text for key, text in texts.items()})
    for key, text in USERS.items():
        (tmp_path / f'{name}_user_{key}.py').write_text(text.format(library=name))
    return name


@pytest.mark.parametrize('guard', [*GUARDED, *ASKING])
def test_a_guarded_import_fails(library: str, guard: str) -> None:
    with placeholders():
        assert importlib.import_module(f'{library}.{guard}').fast is False


def test_what_calls_a_function_that_imports_is_no_guard(library: str) -> None:
    def lazily() -> object:
        return importlib.import_module(f'{library}.hard')

    with placeholders():
        try:
            assert lazily()
        except Exception as error:
            pytest.fail(f'{error}: whoever calls for some other reason caught it')


@pytest.mark.parametrize('guard', NOT_GUARDED)
def test_what_catches_something_else_is_no_guard(library: str, guard: str) -> None:
    with placeholders():
        assert importlib.import_module(f'{library}.{guard}').fast is True


def test_another_package_may_guard_the_import(library: str) -> None:
    with placeholders():
        found = {name: importlib.import_module(f'{library}_user_{name}').fast for name in USERS}
    # Who is given a name imports for somebody else, as a registry does, and would say that it knows no such type.
    assert found['statement'] is found['spelled'] is False
    assert found['given'] is not False


LATER = {
    'soft': 'try:\n    from {library}._ext import run as fast\nexcept ImportError:\n    fast = None\n',
    'attribute': 'try:\n    from . import _ext as fast\nexcept ImportError:\n    fast = None\n',
    'asked': 'import importlib.util\nfast = importlib.util.find_spec("{library}._ext")\n',
}


@pytest.mark.parametrize('kind', LATER)
def test_what_one_module_had_to_be_given_no_other_finds(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f'given_{kind}_lib'
    site = tmp_path / kind  # What is installed in a folder is looked up once.
    (site / name).mkdir(parents=True)
    (site / f'{name}-1.0.dist-info').mkdir()
    (site / f'{name}-1.0.dist-info' / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n')
    (site / f'{name}-1.0.dist-info' / 'RECORD').write_text(f'{name}/__init__.py,,\n')
    files = {
        '__init__': '',
        'hard': 'from {library} import _ext\n',
        'again': 'import {library}._ext as _ext\n',
        **LATER,
    }
    for module, text in files.items():
        (site / name / f'{module}.py').write_text(text.format(library=name))
    monkeypatch.syspath_prepend(site)
    with placeholders():
        assert callable(importlib.import_module(f'{name}.hard')._ext.run)
        assert importlib.import_module(f'{name}.{kind}').fast is None
        assert callable(importlib.import_module(f'{name}.again')._ext.run)
