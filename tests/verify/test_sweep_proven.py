"""What a sweep's table says of packages that were compared with their originals."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pytest

from introspect_export.verify.verify_facts import ALONE, LEVELS

sys.path.insert(0, str(Path(__file__).parents[2] / 'scripts'))
from sweep import _wanted
from sweep_prove import COMPARED, compared_up_to, highest
from sweep_proven import proven

SHOWN, FAILED = ['shown', ''], ['failed', 'model: 1 is 2']
BEFORE = dict.fromkeys(('state', 'forward', 'train', 'data'), SHOWN)


def record(config: str, levels: dict[str, list[str]]) -> dict[str, Any]:
    failed = any(outcome == 'failed' for outcome, _ in levels.values())
    prove = {'ok': not failed, 'initialized': True, 'levels': levels, 'cpu': 3.0}
    return {'config': config, 'library': 'lib', 'prove': prove}


def cells(text: str, start: str) -> list[str]:
    """The cells of the first row that begins so."""
    line = next(line for line in text.splitlines() if line.startswith(f'| {start} '))
    return [cell.strip() for cell in line.strip('|').split('|')]


def markdown(head: Any, rows: Any) -> str:
    return '\n'.join('| ' + ' | '.join(map(str, row)) + ' |' for row in (head, *rows))


def test_every_level_that_compares_is_measured() -> None:
    assert (*ALONE, *COMPARED) == LEVELS
    assert compared_up_to('objects') == ('state', 'objects')
    assert compared_up_to('data') == COMPARED
    assert highest({'state': SHOWN, 'objects': SHOWN, 'forward': FAILED}) == 'objects'


def test_a_level_that_was_not_tried_for_all_says_for_how_many() -> None:
    whole = record('a', dict.fromkeys(COMPARED, SHOWN))
    failed = record('c', {'state': SHOWN, 'objects': FAILED})
    text = proven([whole, record('b', BEFORE), failed], ['lib'], markdown, str)
    row = dict(zip(cells(text, 'library'), cells(text, 'lib'), strict=True))
    assert (row['state'], row['objects'], row['code']) == ('3', '1 of 2', '1 of 2')
    assert (row['train'], row['data'], row['different']) == ('2', '2', '1')
    assert dict(zip(cells(text, 'config'), cells(text, '`c`'), strict=True))['objects'] == '**no**'
    assert '- **1** objects failed: model: 1 is 2' in text


@pytest.mark.parametrize(
    ('levels', 'again'),
    [
        (dict.fromkeys(COMPARED, SHOWN), False),
        (BEFORE, True),
        ({'state': SHOWN, 'objects': FAILED}, False),
        ({}, True),
    ],
)
def test_what_lacks_a_level_is_compared_again(levels: dict[str, list[str]], again: bool) -> None:
    known = {**record('a', levels), **{key: {'ok': True} for key in ('reference', 'export', 'check')}}
    options = argparse.Namespace(match=None, level='data', fresh=False, retry=False)
    assert _wanted('a', known, options) is again
