"""Export the same configs with ``mim export`` and with this program, on the same tiny data, in one run.

    python scripts/bench_mim.py --mim PYTHON CONFIG... [--json FILE] [--into FILE]

PYTHON is the interpreter of an environment that has ``onedl-mim`` beside the libraries. ``mim export`` runs a config's
data sets, so a tiny data set is made for each, and both programs get the config that leads to it. *Builds alone* says
whether the model can be built from what was written where the library cannot be imported.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import put
from bench_process import Cost, machine, run
from bench_programs import ALONE, PLAIN

MARKS = ('<!-- mim -->\n', '<!-- end of mim -->\n')

PREPARE = """
import json, sys
from mmengine.registry import DATASETS, MODELS, TRANSFORMS, init_default_scope
from mmengine.utils import import_modules_from_strings
from introspect_export.load import load_config
from introspect_export.tiny_data import apply, make_tiny_data
loaded = load_config(sys.argv[1])
config = loaded.config
init_default_scope(config.default_scope)
if config.get('custom_imports'):
    import_modules_from_strings(**config.custom_imports)
for root in (MODELS, DATASETS, TRANSFORMS):
    with root.switch_scope_and_registry(config.default_scope) as registry:
        registry.import_from_location()
tiny = make_tiny_data(config, sys.argv[2])
apply(config, tiny.overrides)
config.dump(sys.argv[3] + '/' + loaded.name + '.py')
print(json.dumps({'parts': dict(tiny.parts), 'file': sys.argv[3] + '/' + loaded.name + '.py', 'repo': loaded.repo}))
"""
MIM = 'from mim.cli import cli; cli()'


@dataclass(frozen=True)
class Export:
    """What one program made of a config.

    Attributes:
        cost: What that took.
        exported: Whether it wrote a package.
        error: Why it did not, or why the package's model cannot be built alone; empty where all is well.
    """

    cost: Cost
    exported: bool
    error: str


def export(command: Sequence[object], out: Path, repo: str, folder: Path, python: str = sys.executable) -> Export:
    """Run one program, and try what it wrote."""
    cost = run(command, folder, python)
    configs = sorted((out / 'pack' / 'configs').rglob('*.py')) if (out / 'pack').is_dir() else []
    if cost.error or not configs:
        return Export(cost, False, _last(cost.error) or 'nothing was written')
    alone = run(['-c', ALONE, configs[0], out, repo], folder)
    return Export(cost, True, _last(alone.error))


def _last(error: str) -> str:
    """The last line, without the folder that was measured in."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return re.sub(rf'{re.escape(tempfile.gettempdir())}/[^/]+/', '', lines[-1])[:160] if lines else ''


def compare(config: str, mim: str, folder: Path) -> dict[str, object]:
    """Export one config by both."""
    prepared = run(['-c', PREPARE, config, folder / 'tiny', folder], folder)
    if prepared.error or not prepared.said:
        raise SystemExit(f'error: {config}: no data: {prepared.error}')
    file, repo = Path(prepared.said['file']), prepared.said['repo']
    plain = run(['-c', PLAIN, file], folder)
    ours = export(['-m', 'introspect_export', file, '-o', folder / 'ours', '-q'], folder / 'ours', repo, folder)
    theirs = export(['-c', MIM, 'export', repo, file, folder / 'mim'], folder / 'mim', repo, folder, mim)
    row: dict[str, object] = {'config': config, 'data': prepared.said['parts'], 'plain': plain.to_json()}
    for name, one in (('introspect-export', ours), ('mim export', theirs)):
        row[name] = {
            'cost': {key: value for key, value in one.cost.to_json().items() if key != 'error'},
            'ratio': round(one.cost.cpu / plain.cpu, 2),
            'wall ratio': round(one.cost.wall / plain.wall, 2),
            'exported': one.exported,
            'builds alone': one.exported and not one.error,
            'error': one.error,
        }
    return row


def table(rows: Sequence[dict[str, object]]) -> str:
    """The figures in Markdown."""
    head = ['config', 'program', 'processor time / plain', 'wall / plain', 'exported', 'builds alone', 'says']
    lines = [head, ['---', '---', '---:', '---:', '---', '---', '---']]
    for row in rows:
        for name in ('introspect-export', 'mim export'):
            one = row[name]
            assert isinstance(one, dict)
            flags = ['yes' if one[key] else 'no' for key in ('exported', 'builds alone')]
            said = str(one['error']).replace('|', '\\|')
            lines.append([f'{row["config"]}', name, f'{one["ratio"]:.2f}', f'{one["wall ratio"]:.2f}', *flags, said])
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)


def main() -> None:
    """Read the command line, export, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('configs', nargs='+', metavar='CONFIG')
    parser.add_argument('--mim', required=True, metavar='PYTHON', help='the interpreter that has onedl-mim')
    parser.add_argument('--json', type=Path, help='keep the figures here')
    parser.add_argument('--into', type=Path, help='put the table between the marks of this document')
    options = parser.parse_args()
    rows = []
    for config in options.configs:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(compare(config, options.mim, Path(folder)))
        print(json.dumps(rows[-1]), flush=True)
        if options.json:
            text = json.dumps({'machine': machine(), 'rows': rows}, indent=1)
            options.json.write_text(text + '\n', encoding='utf-8')
    text = f'On {machine()}.\n\n{table(rows)}'
    print(text)
    if options.into:
        put(text, options.into, MARKS)


if __name__ == '__main__':
    main()
