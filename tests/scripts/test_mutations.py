"""The faults that `make mutants` puts into the program: each has its place, and leaves Python that can be parsed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'scripts'))

from mutations import MUTATIONS  # noqa: E402


def test_every_fault_has_its_place_and_its_tests() -> None:
    wrong = []
    for one in MUTATIONS:
        try:
            text = one.target(ROOT).read_text(encoding='utf-8')
        except SystemExit as error:  # It says which, and what the list must follow.
            wrong.append(str(error))
            continue
        ast.parse(text.replace(one.text, one.replacement))
        if not (ROOT / 'tests' / one.stage / one.tests).exists():
            wrong.append(f'{one.stage}, {one.name}: there is no {one.tests}')
    assert wrong == []


def test_every_fault_has_a_name_of_its_own_and_there_are_sixty_of_all_stages() -> None:
    assert len({(one.stage, one.name) for one in MUTATIONS}) == len(MUTATIONS) >= 60
    stages = {path.name for path in (ROOT / 'tests').iterdir() if path.is_dir() and not path.name.startswith('_')}
    assert stages - {one.stage for one in MUTATIONS} <= {'export', 'fast_test', 'projects', 'scripts'}
