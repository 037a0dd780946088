"""Write docs/inspecting.md: its transcripts are what the commands print, run now.

    python scripts/make_inspecting_doc.py            # write it
    python scripts/make_inspecting_doc.py --check    # fail if it would change

It needs mmdet, mmseg, mmpose and mmagic.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / 'docs' / 'inspecting.md.in'
TARGET = ROOT / 'docs' / 'inspecting.md'
PROGRAM = 'introspect-export'

# ```run [LINES]     a command, and at most so many lines of what it prints
# ```file NAME       a file that the commands find in their working folder
_BLOCK = re.compile(r'^```(run|file) ?([^\n]*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def main() -> int:
    """Make the document; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        text = _BLOCK.sub(lambda match: _block(match, Path(folder)), SOURCE.read_text(encoding='utf-8'))
    if '--check' in sys.argv[1:]:
        return 0 if TARGET.read_text(encoding='utf-8') == text else 1
    TARGET.write_text(text, encoding='utf-8')
    return 0


def _block(match: re.Match[str], folder: Path) -> str:
    kind, argument, content = match.groups()
    if kind == 'file':
        (folder / argument).write_text(content, encoding='utf-8')
        return f'`{argument}`:\n\n```python\n{content}```'
    most = int(argument) if argument else 0
    parts = [_transcript(command, folder, most) for command in content.splitlines()]
    return '```console\n' + '\n'.join(parts) + '\n```'


def _transcript(command: str, folder: Path, most: int) -> str:
    """A command with what it prints."""
    print(command, file=sys.stderr, flush=True)
    program, _, rest = command.partition(' ')
    words, redirected = shlex.split(rest), ''
    if '>' in words:
        redirected = words[words.index('>') + 1]
        words = words[: words.index('>')]
    if program != PROGRAM:
        raise SystemExit(f'{command}: only {PROGRAM} is run')
    line = [sys.executable, '-W', 'ignore', '-m', 'introspect_export', *words]
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    output = done.stdout + done.stderr
    if redirected:
        (folder / redirected).write_text(done.stdout, encoding='utf-8')
        output = ''
    lines = output.rstrip('\n').splitlines()
    if most and len(lines) > most:
        lines = [*lines[:most], f'… {len(lines) - most} more lines']
    status = ['$ echo $?', '1'] if done.returncode == 1 else []
    return '\n'.join([f'$ {command}', *lines, *status])


if __name__ == '__main__':
    sys.exit(main())
