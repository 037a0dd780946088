"""The configs that patterns match, and the folders of their packages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from introspect_export import ExportError
from introspect_export.batch.config_patterns import _distinct, _regex, _safe, expand


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that carries configs, and configs of one's own beside it."""
    names = [
        'birds/__init__.py',
        'birds/.mim/configs/_base_/model.py',
        'birds/.mim/configs/gn+ws/net_1x.py',
        'birds/.mim/configs/gn+ws/net_2x.py',
        'birds/.mim/configs/legacy_1.x/net_1x.py',
        'birds/.mim/configs/legacy_1.x/metafile.yml',
        'mine/net_1x.py',
        'mine/deep/er/net.yaml',
        'mine/__init__.py',
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ('patterns', 'folders'),
    [
        (['birds::**'], ['birds/gn+ws/net_1x', 'birds/gn+ws/net_2x', 'birds/legacy_1.x/net_1x']),
        (['birds::*/net_1x.py'], ['birds/gn+ws/net_1x', 'birds/legacy_1.x/net_1x']),
        (['birds::configs/gn+ws/net_[!1]x.py'], ['birds/gn+ws/net_2x']),
        (['birds::*'], None),
        (['mine'], ['mine/net_1x']),
        (['mine/**/*.yaml'], ['mine/deep/er/net.yaml']),
        (['mine/net_1x.py', 'birds::**/net_2x.py', 'mine'], ['mine/net_1x', 'birds/gn+ws/net_2x']),
        (['birds/.mim/configs/gn+ws/net_2x.py', 'birds::gn+ws/net_2x.py'], ['birds/gn+ws/net_2x']),
        (['names.txt'], ['birds/legacy_1.x/net_1x', 'mine/net_1x']),
    ],
)
def test_patterns(zoo: Path, patterns: list[str], folders: list[str] | None) -> None:
    (zoo / 'names.txt').write_text('# What is wanted\n\nbirds::legacy*/*\nmine/*  # mine\n')
    if folders is None:
        with pytest.raises(ExportError, match='no config matches'):
            expand(patterns)
    else:
        assert [one.folder for one in expand(patterns)] == folders


def test_a_config_is_named_so_that_it_is_found_from_everywhere(zoo: Path) -> None:
    own, theirs = expand(['mine/net_1x.py', 'birds::gn+ws/net_1x.py'])
    assert (own.config, own.library) == (str(zoo / 'mine' / 'net_1x.py'), '')
    assert (theirs.config, theirs.library) == ('birds::gn+ws/net_1x.py', 'birds')


def test_all_problems_are_reported_at_once(zoo: Path) -> None:
    with pytest.raises(ExportError) as caught:
        expand(['birds::gn+ws/net_3x.py', 'nobirds::**', 'mine/*.json', 'mine'])
    first, second, third = caught.value.problems
    assert 'near names: birds::gn+ws/net_' in first
    assert 'nobirds: no such package' in second
    assert third == 'mine/*.json: no config matches'


def test_names_are_safe() -> None:
    assert _safe('gn+ws') == 'gn+ws'
    assert _safe('legacy_1.x') == 'legacy_1.x'
    assert _safe('a:b?.') == 'a_b__'
    assert _safe('.hidden') == '_hidden'
    long = _safe('ü' * 300)
    assert len(long.encode()) <= 200
    assert long != _safe('ü' * 301)


def test_no_folder_is_another_or_inside_of_it() -> None:
    assert _distinct(['a/b', 'a/b/c', 'a/B', 'a']) == ['a/b_1', 'a/b/c', 'a/B_2', 'a_1']


def test_stars_stay_within_names_and_two_do_not() -> None:
    import re

    assert re.fullmatch(_regex('**/x.py'), 'x.py')
    assert re.fullmatch(_regex('**/x.py'), 'a/b/x.py')
    assert not re.fullmatch(_regex('*/x.py'), 'a/b/x.py')
    assert not re.fullmatch(_regex('?.py'), f'{os.sep}.py')
