"""Help, version and completion."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from processes import imported

from introspect_export.cli import main


def test_help_shows_the_options_of_exporting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['--help']) == 0
    out = capsys.readouterr().out
    for word in ('CONFIG [OPTIONS]', '--cfg-options', '--version', 'completion', 'verify', 'Examples:'):
        assert word in out
    assert main([]) in (0, 2)
    printed = capsys.readouterr()
    assert printed.out + printed.err == out


def test_help_imports_nothing_heavy() -> None:
    code = 'from introspect_export.cli import main\nmain(["--help"])'
    assert imported(code, ['torch', 'mmengine', 'numpy', 'rich', 'jinja2']) == '[]'


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    from introspect_export._version import __version__

    assert main(['--version']) == 0
    assert capsys.readouterr().out == f'introspect_export {__version__}\n'


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_completion_scripts(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(['completion', shell]) == 0
    out = capsys.readouterr().out
    assert f'_INTROSPECT_EXPORT_COMPLETE={shell}_complete' in out
    assert 'introspect-export' in out


@pytest.mark.parametrize(
    ('words', 'expected'),
    [
        ('introspect-export ver', 'plain,verify'),
        ('introspect-export c.py --fl', 'plain,--flatten'),
        ('introspect-export c.py --flatten n', 'plain,none'),
        ('introspect-export some_fi', 'file,some_fi'),
    ],
)
def test_completion_answers(words: str, expected: str) -> None:
    environment = {
        **os.environ,
        '_INTROSPECT_EXPORT_COMPLETE': 'bash_complete',
        'COMP_WORDS': words,
        'COMP_CWORD': str(len(words.split()) - 1),
    }
    code = 'from introspect_export.cli import main; main()'
    done = subprocess.run([sys.executable, '-c', code], env=environment, capture_output=True, text=True, check=False)
    assert expected in done.stdout.splitlines()


def test_a_closed_pipe_is_no_error() -> None:
    code = 'from introspect_export.cli import main; import sys; sys.exit(main(["--help"]))'
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, '-c', code], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.stderr == b''
    assert done.returncode == 1
