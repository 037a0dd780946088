"""The command line: its library calls, output and exit status."""

from __future__ import annotations

import json
import logging
import os
import sys
import types
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cli_results import BROKEN, PASSED

from introspect_export.cli import main
from introspect_export.cli.error_reporting import run_guarded
from introspect_export.export_result import ExportResult
from introspect_export.model import Diagnostic, ExportError, InternalError, SectionFacts
from introspect_export.verify.verify_facts import Verification


def result(verification: Verification | None = PASSED) -> ExportResult:
    return ExportResult(
        out=Path('out folder'),  # Relative to the test's working folder.
        config='net_r50',
        classes=12,
        flattened=7,
        files=9,
        lines=12345,
        symbols=40,
        sections=(
            SectionFacts('model', True),
            SectionFacts('test_evaluator', False, 'FileNotFoundError: ' + 'x' * 300),
        ),
        diagnostics=(
            Diagnostic('IE-ONE', 'a:B', 'was left as it is', 'a.py:3'),
            Diagnostic('IE-ONE', 'a:C', 'was left as it is', 'a.py:9'),
            Diagnostic('IE-TWO', 'model.x', 'has [brackets]'),
        ),
        seconds={'load': 0.25, 'observe': 2.0},
        verification=verification,
    )


class Library:
    """A stub of the library that records calls and runs a test's action."""

    def __init__(self) -> None:
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.action: Callable[[Mapping[str, Any]], Any] = lambda options: result()

    def export(self, *args: Any, **options: Any) -> Any:
        self.calls.append((args, options))
        return self.action(options)

    @property
    def options(self) -> dict[str, Any]:
        ((_, options),) = self.calls
        return options


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Library:
    stub = Library()
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'out folder' / 'tools').mkdir(parents=True)
    for name in ('train.py', 'test.py'):
        (tmp_path / 'out folder' / 'tools' / name).touch()
    module: Any = types.ModuleType('introspect_export.api')
    module.export = stub.export
    monkeypatch.setitem(sys.modules, 'introspect_export.api', module)
    return stub


def raising(error: BaseException) -> Callable[[Mapping[str, Any]], Any]:
    def action(options: Mapping[str, Any]) -> Any:
        raise error

    return action


def test_a_config_alone_is_exported_with_the_defaults(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['repo::a+b/c.d.py']) == 0
    ((args, options),) = library.calls
    assert args == ('repo::a+b/c.d.py', None)
    assert callable(options.pop('progress'))
    assert options == {
        'force': False,
        'model_only': False,
        'options': {},
        'intern': (),
        'extern': (),
        'substitute': (),
        'flatten': 'observed',
        'keep': (),
        'until': (),
        'inline': False,
        'device': 'auto',
        'data_roots': {},
        'verify': 'build',
        'command': 'introspect-export repo::a+b/c.d.py',
        'dump': None,
    }


def test_replaced_modules_are_passed_on_and_recorded(library: Library) -> None:
    assert main(['c.py', '--intern', 'lib', '--substitute', 'lib.toml', '--substitute', 'more.toml']) == 0
    ((_, options),) = library.calls
    assert options['substitute'] == ('lib.toml', 'more.toml')
    assert options['command'] == 'introspect-export c.py --intern lib --substitute lib.toml --substitute more.toml'


@pytest.mark.parametrize(
    'first', [['export', 'c.py', '-o', 'x'], ['c.py', '-o', 'x'], ['-o', 'x', 'c.py'], ['--out=x', 'c.py']]
)
def test_the_command_export_may_go_unnamed(library: Library, first: list[str]) -> None:
    assert main(first) == 0
    assert library.calls[0][0] == ('c.py', 'x')


def test_every_option_reaches_the_library(library: Library) -> None:
    words = (
        'c.py --force --model-only --intern a --intern b --extern c --flatten all --keep m:A --until m:B --until m:C '
        '--data-root data/=/mnt/d --data-root a=b=c'
    )
    assert main([*words.split(), '--no-verify']) == 0
    options = library.options
    assert options['force'] and options['model_only']
    assert (options['intern'], options['extern'], options['flatten']) == (('a', 'b'), ('c',), 'all')
    assert (options['keep'], options['until'], options['verify']) == (('m:A',), ('m:B', 'm:C'), None)
    assert options['data_roots'] == {'data/': '/mnt/d', 'a': 'b=c'}


def test_a_data_root_needs_both_sides(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['c.py', '--data-root', 'data/']) == 2
    assert '--data-root takes OLD=NEW' in capsys.readouterr().err
    assert library.calls == []


def test_the_recorded_command_has_only_options_that_change_the_package(library: Library) -> None:
    main(['-q', '--force', '-o', 'there', 'my net.py', '--cfg-options', 'a=1', 'b=2', '--keep', 'm:A', '--json'])
    command = "introspect-export 'my net.py' --cfg-options a=1 b=2 --keep m:A"
    assert library.options['command'] == command


@pytest.mark.parametrize(
    ('words', 'expected'),
    [
        (['c.py', '--cfg-options', 'a.b=1', 'c=x'], {'a.b': 1, 'c': 'x'}),
        (['--cfg-options', 'a=1.5', 'b=true', 'c.py'], {'a': 1.5, 'b': True}),
        (['--cfg-options', 'a=1', 'c.py', '--cfg-options', 'b=None'], {'a': 1, 'b': None}),
        (['c.py', '--cfg-options', 'a=[(1,2),(3,4)]', 'b=1,2', '--force'], {'a': [(1, 2), (3, 4)], 'b': [1, 2]}),
        (['c.py', '--cfg-options', 'a=x=y', 'p.0.q=-1'], {'a': 'x=y', 'p.0.q': -1}),
        (['c.py', '--cfg-options=a=1'], {'a': 1}),
    ],
)
def test_config_options_are_those_of_mmengine(library: Library, words: list[str], expected: dict[str, Any]) -> None:
    assert main(words) == 0
    assert library.calls[0][0][0] == 'c.py'
    assert library.options['options'] == expected


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['c.py', '--cfg-options', 'a'], "'a' is not KEY=VALUE"),
        (['c.py', '--cfg-options', 'a=[1,2', 'b=1'], 'Imbalanced brackets'),
        (['c.py', '--cfg-options'], 'requires an argument'),
        (['c.py', 'd.py'], 'unexpected extra argument'),
        (['--force'], "Missing argument 'CONFIG'"),
        (['c.py', '--flatten', 'some'], "'some' is not one of"),
        (['c.py', '--froce'], 'No such option'),
        (['c.py', '-q', '-v'], 'exclude each other'),
        (['c.py', '--json', '--dump', 'load'], 'both write to standard output'),
        (['c.py', '--dump', 'moon'], "'moon' is not one of"),
        (['completion', 'tcsh'], "'tcsh' is not one of"),
    ],
)
def test_wrong_usage_ends_with_2(
    library: Library, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ''
    assert message in printed.err
    assert library.calls == []


def test_the_summary(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['c.py']) == 0
    printed = capsys.readouterr()
    assert printed.err == ''
    lines = printed.out.splitlines()
    assert '  config    net_r50' in lines
    assert '  package   out folder' in lines
    assert '  classes   12 observed, 7 chains flattened' in lines
    assert '  files     9, with 12,345 lines and 40 definitions' in lines
    assert (
        '  verified  passed: static, import, build (1 of 2 sections built; 1 run by no level: test_evaluator)' in lines
    )
    assert '  time      2.2 s (load 0.2, observe 2.0)' in lines
    assert 'Not built here (1 of 2 sections)' in lines
    assert any(line.startswith('  test_evaluator  FileNotFoundError: xxx') and line.endswith('x…') for line in lines)
    assert '  IE-ONE 2x  a:B: was left as it is' in lines
    assert '  IE-TWO 1x  model.x: has [brackets]' in lines
    assert lines[-3:] == [
        'Next',
        "  python 'out folder'/tools/train.py",
        "  python 'out folder'/tools/test.py CHECKPOINT",
    ]
    assert '\x1b' not in printed.out
    assert all(line == line.rstrip() for line in lines)


def test_a_package_without_scripts_is_for_reading(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    Path('out folder/tools/train.py').unlink()
    Path('out folder/tools/test.py').unlink()
    assert main(['c.py', '--model-only']) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ['Next', "  less 'out folder'/README.md"]


def test_verbose_shows_every_diagnostic_and_whole_reasons(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['c.py', '-v']) == 0
    out = capsys.readouterr().out
    assert '  IE-ONE a:C      was left as it is (a.py:9)\n' in out
    assert 'x' * 300 in out


def test_quiet_prints_nothing(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['c.py', '-q']) == 0
    assert capsys.readouterr() == ('', '')


def test_json_is_all_that_is_printed(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    def noisy(options: Mapping[str, Any]) -> ExportResult:
        print('loading annotations')
        os.write(1, b'from C code\n')
        options['progress']('building')
        return result()

    library.action = noisy
    assert main(['c.py', '--json']) == 0
    printed = capfd.readouterr()
    assert json.loads(printed.out) == result().to_json()
    assert json.loads(printed.out)['verification']['sections'][1]['reason'] == 'needs a file: a.json'
    assert printed.err == 'from C code\n'


def test_a_failed_verification_ends_with_1(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.action = lambda options: result(BROKEN)
    assert main(['c.py']) == 1
    out = capsys.readouterr().out
    assert '  verified  FAILED: static; import FAILED' in out
    assert 'Verification failed\n  import  NameError: x\n  import  it imported origin_lib\n' in out
    assert main(['c.py', '-q']) == 1
    assert 'it imported origin_lib' in capsys.readouterr().err
    assert main(['c.py', '--json']) == 1
    assert json.loads(capsys.readouterr().out)['ok'] is False


def test_without_verification_the_next_step_is_to_verify(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.action = lambda options: result(None)
    assert main(['c.py', '--no-verify']) == 0
    assert capsys.readouterr().out.splitlines()[-2] == "  introspect-export verify 'out folder'"


def test_the_output_of_libraries_is_suppressed(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    def noisy(options: Mapping[str, Any]) -> ExportResult:
        print('print')
        print('print', file=sys.stderr)
        logging.getLogger('library').error('log')
        warnings.warn('warning', stacklevel=1)
        return result()

    library.action = noisy
    assert main(['c.py', '-q']) == 0
    assert capfd.readouterr() == ('', '')
    assert logging.root.manager.disable == logging.NOTSET


def test_verbose_lets_it_through_to_standard_error(library: Library, capfd: pytest.CaptureFixture[str]) -> None:
    def noisy(options: Mapping[str, Any]) -> ExportResult:
        options['progress']('building model')
        print('from a library')
        return result()

    library.action = noisy
    assert main(['c.py', '-v']) == 0
    printed = capfd.readouterr()
    assert 'from a library' not in printed.out
    assert 'from a library\n' in printed.err
    assert ' s] building model\n' in printed.err


def test_a_stage_can_be_dumped(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    def dumping(options: Mapping[str, Any]) -> ExportResult:
        options['dump']('load', 'not this')
        options['dump']('observe', SectionFacts('model', True))
        return result()

    library.action = dumping
    assert main(['c.py', '-q', '--dump', 'observe']) == 0
    assert capsys.readouterr().out == "SectionFacts(path='model', built=True, reason='', needs='')\n"


@pytest.mark.parametrize('as_json', [[], ['--json']])
def test_an_error_of_the_user_is_one_message(
    library: Library, capsys: pytest.CaptureFixture[str], as_json: list[str]
) -> None:
    library.action = raising(ExportError('c.py:3: no such type', 'c.py:9: no such file'))
    assert main(['c.py', *as_json]) == 1
    printed = capsys.readouterr()
    assert printed.err == 'error: 2 problems\n  c.py:3: no such type\n  c.py:9: no such file\n'
    if as_json:
        problems = ['c.py:3: no such type', 'c.py:9: no such file']
        assert json.loads(printed.out) == {'ok': False, 'kind': 'error', 'problems': problems}
    else:
        assert printed.out == ''


def test_one_problem_is_one_line(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.action = raising(ExportError('out exists'))
    assert main(['c.py']) == 1
    assert capsys.readouterr().err == 'error: out exists\n'


@pytest.mark.parametrize('error', [InternalError('bad text in /tmp/x.py'), KeyError('surprise')])
def test_an_internal_error_is_reported_as_ours(
    library: Library, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    library.action = raising(error)
    assert main(['c.py']) == 70
    first, second = capsys.readouterr().err.splitlines()
    assert first in ('internal error: bad text in /tmp/x.py', "internal error: KeyError: 'surprise'")
    saved = Path(second.rpartition(' ')[2])
    text = saved.read_text()
    saved.unlink()
    assert text.startswith('Traceback')
    assert type(error).__name__ in text


def test_a_full_disk_is_no_internal_error(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.action = raising(OSError(28, 'No space left on device', 'out/pack'))
    assert main(['c.py']) == 1
    assert capsys.readouterr().err == 'error: out/pack: No space left on device\n'


def test_an_interrupt_ends_with_130_and_one_line(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.action = raising(KeyboardInterrupt())
    assert main(['c.py']) == 130
    assert capsys.readouterr().err == 'interrupted: nothing was left half-written\n'


def test_an_internal_error_is_shown_where_it_cannot_be_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'gone'))

    def fails() -> int:
        raise KeyError('surprise')

    assert run_guarded(fails, False, False) == 70
    printed = capsys.readouterr().err
    assert "internal error: KeyError: 'surprise'" in printed
    assert 'report it with the traceback above' in printed and printed.startswith('Traceback')


def test_no_folder_for_temporary_files_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr('tempfile.tempdir', None)
    monkeypatch.setattr('tempfile._candidate_tempdir_list', lambda: ['/nothing/here'])
    assert run_guarded(lambda: pytest.fail('it began'), False, False) == 1
    assert 'set TMPDIR to one that can' in capsys.readouterr().err
