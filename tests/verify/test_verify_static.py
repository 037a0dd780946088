"""What is told from text alone: every way to name an origin, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from introspect_export.verify.static_check import check_text

FAULTS = {
    'import': ('import origin_lib', 'imports origin_lib,'),
    'import of a submodule': ('import origin_lib.models as m', 'imports origin_lib.models,'),
    'from': ('from origin_lib.models import Net', 'imports origin_lib.models,'),
    'inside of a function': ('def f():\n    from origin_lib import g', 'imports origin_lib,'),
    'inside of try': ('try:\n    import origin_lib\nexcept ImportError:\n    pass', 'imports origin_lib,'),
    'by importlib': ("import importlib\nimportlib.import_module('origin_lib.x')", 'imports origin_lib.x,'),
    'by __import__': ("__import__('origin_lib')", 'imports origin_lib,'),
    'type in dict()': ("x = dict(type='origin_lib.Net')", "names the type 'origin_lib.Net'"),
    'type in a literal': ("x = {'type': 'origin_lib.Net'}", "names the type 'origin_lib.Net'"),
    'several types': ("x = dict(type=['Net', 'origin_lib.Net'])", "names the type 'origin_lib.Net'"),
    'type in a default': ("def f(a, type='origin_lib.Net'): pass", "names the type 'origin_lib.Net'"),
    'keyword-only default': ("def f(*, a, type='origin_lib.Net'): pass", "names the type 'origin_lib.Net'"),
    'item set': ("x['type'] = 'origin_lib.Net'", "names the type 'origin_lib.Net'"),
    'attribute set': ("x.type = 'origin_lib.Net'", "names the type 'origin_lib.Net'"),
    'compared': ("x['type'] == 'origin_lib.Net'", "names the type 'origin_lib.Net'"),
    'setdefault': ("x.setdefault('type', 'origin_lib.Net')", "names the type 'origin_lib.Net'"),
    'looked up': ("MODELS.get('origin_lib.Net')", "names the type 'origin_lib.Net'"),
    'scope of a dict': ("x = dict(type='Net', _scope_='origin_lib')", "names the scope 'origin_lib'"),
    'scope of a config': ("default_scope = 'origin_lib'", "names the scope 'origin_lib'"),
    'scope of a registry': ("M = Registry('model', scope='origin_lib')", "names the scope 'origin_lib'"),
    'syntax error': ('def f(:', 'does not parse'),
    'null byte': ('a = 1\0', 'does not parse'),
}

FINE = {
    'relative import': 'from .origin_lib import x\nfrom . import origin_lib',
    'a longer name': 'import origin_library',
    'docstring': '"""\n>>> from origin_lib import x\n>>> dict(type=\'origin_lib.Net\')\n"""',
    'another key': "x = dict(name='origin_lib.Net')",
    'a file name': "path = 'origin_lib/models.py'",
    'own type': "x = dict(type='Net', other='pack.Net')",
    'a word under type': "x = dict(type='origin_lib')",
    'a logger': "logging.getLogger('origin_lib.x')",
}


def check(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / 'pack' / 'a.py'
    file.parent.mkdir()
    file.write_text(text)
    return check_text(tmp_path, ['origin_lib'])


@pytest.mark.parametrize('name', FAULTS)
def test_a_fault_is_found_with_its_place(tmp_path: Path, name: str) -> None:
    text, expected = FAULTS[name]
    problems = check(tmp_path, text)
    assert len(problems) == 1
    assert problems[0].startswith('pack/a.py:')
    assert expected in problems[0]


@pytest.mark.parametrize('name', FINE)
def test_what_only_looks_like_a_fault_is_none(tmp_path: Path, name: str) -> None:
    assert check(tmp_path, FINE[name]) == []


def test_a_type_that_was_unknown_before_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / 'net.py').write_text("def f(a, type='origin_lib.Net', other=dict(type='origin_lib.Head')): pass\n")
    found = check_text(tmp_path, ['origin_lib'], ['origin_lib.Net'])
    assert found == ["net.py:1: names the type 'origin_lib.Head', of a scope that is not there"]


def test_problems_are_sorted_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / 'b.py').write_text('import origin_lib')
    (tmp_path / 'a.py').write_text("x = dict(type='origin_lib.X')\n\nimport origin_lib.y")
    places = [problem.split(': ')[0] for problem in check_text(tmp_path, ['origin_lib'])]
    assert places == ['a.py:1', 'a.py:3', 'b.py:1']
