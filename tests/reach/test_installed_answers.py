"""Text that asks whether its own library is installed, which it is not where the package is used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from small_projects import HEAD, small

from introspect_export.model import Span
from introspect_export.read import read_module
from introspect_export.verify.static_check import check_text

NET = """
@MODELS.register_module()
class Net(BaseModule):
    def go(self):
        return {}
"""
DISTRIBUTION = {
    '../some_distro-1.2.dist-info/METADATA': 'Metadata-Version: 2.1\nName: some-distro\nVersion: 1.2\n',
    '../some_distro-1.2.dist-info/top_level.txt': 'NAME\n',
}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that no other test had before: what is installed in a folder is only read once."""
    return tmp_path_factory.mktemp('project')


@pytest.mark.parametrize(
    ('imports', 'asked', 'answer'),
    [
        ('import importlib.util', "importlib.util.find_spec('NAME') is not None", 'True'),
        ('import importlib.util as util', "util.find_spec('NAME') is None", 'False'),
        ('from importlib.util import find_spec', "bool(find_spec('NAME'))", 'True'),
        ('from importlib import metadata as told', "told.version('some.distro')", "'1.2'"),
        ('from importlib.metadata import version', "version('Some-Distro')", "'1.2'"),
    ],
)
@pytest.mark.parametrize('inside', [True, False])
def test_the_observed_answer_is_kept(folder: Path, imports: str, asked: str, answer: str, inside: bool) -> None:
    known = '' if inside else f'\nKNOWN = ({asked})  # asked\n'
    text = HEAD + f'{imports}\n{known}' + NET.format(asked if inside else 'KNOWN')
    project = small(folder, {**DISTRIBUTION, 'net.py': text})
    assert ('return ' if inside else 'KNOWN = (') + answer in project.text('net')
    assert 'importlib' not in project.text('net')
    assert project.run('repr(net.go())') == answer
    assert check_text(project.result.out, [project.name]) == []


@pytest.mark.parametrize(
    ('imports', 'asked'),
    [
        ('import importlib.util', "importlib.util.find_spec('torch') is not None"),
        ('import importlib.util', "importlib.util.find_spec('NAME').name"),
        ('from importlib.metadata import version', "version('torch')"),
        ('def version(name):\n    return len(name)', "version('some-distro')"),
        ('def find_spec(name):\n    return None', "find_spec('NAME') is None"),
        ('', "(lambda version: version('some-distro'))(len)"),
    ],
)
def test_other_questions_are_left(folder: Path, imports: str, asked: str) -> None:
    project = small(folder, {**DISTRIBUTION, 'net.py': HEAD + imports + '\n' + NET.format(asked)})
    assert f'return {asked}\n'.replace('NAME', project.name) in project.text('net')


def test_in_a_merged_method(folder: Path) -> None:
    text = (
        HEAD
        + """
from importlib import metadata

class Base(BaseModule):
    def go(self):
        return metadata.version('some-distro') > '1.1'

@MODELS.register_module()
class Net(Base):
    def go(self):
        return super().go(), metadata.version('torch') != ''
"""
    )
    project = small(folder, {**DISTRIBUTION, 'net.py': text})
    assert "'1.2' > '1.1'" in project.text('net')
    assert 'class Base' not in project.text('net')
    assert project.run('net.go()') == '(True, True)'


def test_spans_of_queries() -> None:
    text = "x = 'µ', u.find_spec('a') is None, f(bool(u.find_spec('a.b'))), v.version('c'), v.version(c)\n"
    module = read_module('m', 'm.py', False, text)
    found = [(module.cut(each.span), each.name, each.negated) for each in module.parts[0].queries]
    assert sorted(found) == [
        ("bool(u.find_spec('a.b'))", 'a.b', False),
        ("u.find_spec('a') is None", 'a', True),
        ("v.version('c')", 'c', False),
    ]
    assert {module.cut(Span(each.base, each.base + 1)) for each in module.parts[0].queries} == {'u', 'v'}


def test_what_is_left_is_seen_in_the_text(tmp_path: Path) -> None:
    (tmp_path / 'a.py').write_text("import importlib_metadata as m\nm.version('lib')\nm.version('other')\n")
    problem = 'a.py:2: looks up the installed version of lib, which the pack must not need'
    assert check_text(tmp_path, ['lib']) == [problem]
