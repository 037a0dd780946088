"""The installed distributions, compared with ``importlib.metadata``."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

from introspect_export.distributions import providers


def test_the_providers_here_are_those_that_the_standard_library_finds() -> None:
    found = providers(sys.path)
    expected = importlib.metadata.packages_distributions()
    # The standard library's rule takes names for modules that no import statement could name.
    names = {name for name in expected if name.isidentifier()}
    assert {name: {one.name for one in found[name]} for name in names} == {name: set(expected[name]) for name in names}
    for name in ('torch', 'numpy', 'mmengine'):
        assert [one.version for one in found[name]] == [importlib.metadata.version(one.name) for one in found[name]]


def test_modules_by_the_record_where_none_are_declared(tmp_path: Path) -> None:
    folder = tmp_path / 'Fast_Lib-1.2.dist-info'
    folder.mkdir()
    (folder / 'METADATA').write_text('Metadata-Version: 2.1\nName: Fast-Lib\nVersion: 1.2+cpu\n\nName: no header\n')
    (folder / 'RECORD').write_text(
        'fast/__init__.py,sha256=x,1\n"fast/a,b.py",,\n../../bin/fast,,\nalone.py,,\n_quick.cpython-311-x86.so,,\n'
        'fast-1.data/notes.txt,,\nFast_Lib-1.2.dist-info/METADATA,,\n'
    )
    found = providers([str(tmp_path)])
    assert sorted(found) == ['_quick', 'alone', 'fast']
    assert {(one.name, one.version) for names in found.values() for one in names} == {('Fast-Lib', '1.2+cpu')}


def test_the_first_folder_with_a_distribution_wins(tmp_path: Path) -> None:
    for place, version in (('first', '1'), ('second', '2')):
        folder = tmp_path / place / 'lib.dist-info'
        folder.mkdir(parents=True)
        (folder / 'METADATA').write_text(f'Name: lib\nVersion: {version}\n')
        (folder / 'top_level.txt').write_text('lib\n')
    found = providers([str(tmp_path / 'first'), str(tmp_path / 'second')])
    assert [one.version for one in found['lib']] == ['1']
