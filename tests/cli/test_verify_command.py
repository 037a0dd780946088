"""The command ``introspect-export verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_results import BROKEN, PASSED, UNSHOWN

from introspect_export.cli import main
from introspect_export.verify.verify_facts import Verification


class TestVerify:
    """``introspect-export verify``."""

    @pytest.fixture(autouse=True)
    def verified(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        import introspect_export.verify

        calls: list[Any] = []

        def stand_in(out: Path, level: str, blocked: tuple[str, ...], **options: Any) -> Verification:
            calls.append((out, level, blocked, options))
            return {'broken': BROKEN, 'unshown': UNSHOWN}.get(out.name, PASSED)

        monkeypatch.setattr(introspect_export.verify, 'verify', stand_in)
        return calls

    def test_options_reach_the_library(self, verified: list[Any]) -> None:
        assert main(['verify', 'out', '--level', 'import', '--block', 'a', '--block', 'b']) == 0
        assert main(['verify', 'out', '--level', 'train', '--config', 'a.py', '--timeout', '60']) == 0
        assert verified == [
            (Path('out'), 'import', ('a', 'b'), {'config': None, 'timeout': 900.0}),
            (Path('out'), 'train', (), {'config': 'a.py', 'timeout': 60.0}),
        ]

    def test_what_holds_is_a_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(['verify', 'out']) == 0
        assert capsys.readouterr().out.splitlines() == [
            '  static  shown',
            '  import  shown',
            '  build   shown',
            '',
            'Not built, their types resolve',
            '  test_evaluator  needs a file: a.json',
            '',
            'static, import, build (1 of 2 sections built; 1 run by no level: test_evaluator); '
            'blocked: origin_lib, introspect_export; 1.5 s',
        ]

    def test_verbose_shows_sections_and_notes(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(['verify', 'out', '-v']) == 0
        out = capsys.readouterr().out
        assert '  model           built\n' in out
        assert "model.nms.type 'nms' is no registered name" in out

    def test_what_does_not_hold_ends_with_1(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(['verify', 'broken', '-q']) == 1
        out = capsys.readouterr().out
        assert '  import  FAILED\n' in out
        assert '  import  it imported origin_lib\n' in out

    def test_a_level_that_is_not_shown_is_reported_and_does_not_count_as_passed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(['verify', 'unshown', '-q']) == 3
        assert capsys.readouterr().out.splitlines() == [
            '  state    shown',
            '  forward  not shown',
            '',
            'Not shown here',
            '  forward  no inputs could be made: train: why',
            '',
            'Notes',
            '  train: a note',
            '',
            'state; forward not shown; blocked: origin_lib; 0.0 s',
        ]

    def test_quiet_is_silent_where_all_is_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(['verify', 'out', '-q']) == 0
        assert capsys.readouterr() == ('', '')

    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(['verify', 'broken', '--json']) == 1
        assert json.loads(capsys.readouterr().out) == BROKEN.to_json()
