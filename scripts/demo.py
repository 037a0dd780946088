"""Export Mask R-CNN and check the export where mmdet cannot be imported.

Runs in the environment that `scripts/setup_env.py demo` makes; `make demo` does both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONFIG = 'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py'
OUT = ROOT / 'demo_pack'
BLOCKED = ('mmdet', 'introspect_export')
COMPARED = ('classes', 'weights', 'features')


class DemoError(Exception):
    """The export or its check failed."""


def export() -> None:
    """Run the command line the way a user does."""
    command = ['-m', 'introspect_export', CONFIG, '-o', str(OUT.relative_to(ROOT)), '--force']
    print(f'$ python {" ".join(command)}\n', flush=True)
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False)
    if done.returncode:
        raise DemoError(f'the export ended with status {done.returncode}')


def describe(kind: str, source: str, folder: Path, *blocked: str) -> dict[str, Any]:
    """Build a model in a fresh interpreter, away from the clone; return its description."""
    result = folder / f'{kind}.json'
    command = [sys.executable, '-W', 'ignore', str(ROOT / 'scripts' / 'describe_model.py')]
    command += [kind, source, str(result)]
    for package in blocked:
        command += ['--block', package]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise DemoError(f'the {kind} model could not be built:\n{done.stderr.strip()}')
    description: dict[str, Any] = json.loads(result.read_text(encoding='utf-8'))
    return description


def check() -> dict[str, Any]:
    """Compare the export with the original; return the description of the export.

    Raises:
        DemoError: something differs, or a blocked package was imported.
    """
    with tempfile.TemporaryDirectory() as folder:
        original = describe('original', CONFIG, Path(folder))
        pack = describe('pack', str(OUT), Path(folder), *BLOCKED)
    if pack['leaked']:
        raise DemoError(f'the export imported {", ".join(pack["leaked"])}')
    different = [name for name in COMPARED if pack[name] != original[name]]
    if different:
        raise DemoError(f'the export differs from the original in its {", ".join(different)}')
    return pack


def report(pack: dict[str, Any], export_s: float, check_s: float) -> None:
    """Say what was shown, where the export is and what to read first."""
    shown = os.path.relpath(OUT)
    model = f'{os.path.relpath(pack["class_file"])}:{pack["class_line"]}'
    print(
        f'\nExported in {export_s:.0f} s; compared with the original in {check_s:.0f} s, in an '
        f'interpreter where mmdet is blocked:\n{len(pack["classes"])} modules of the same class, '
        f'{len(pack["weights"])} equal weights ({pack["parameters"]:,} parameters),\n'
        'and bit for bit the same features of a random image.\n\n'
        f'The package is in {shown}/. Read first:'
    )
    notes = [
        (f'{shown}/README.md', 'what is in the package and how to train and test with it'),
        (model, f'the detector itself, a {", ".join(pack["bases"])}'),
        (f'{shown}/pack/registry.py', 'how names in the config find classes'),
        (f'{shown}/manifest.json', 'where every symbol came from, and why it is there'),
    ]
    present = [note for note in notes if (Path.cwd() / note[0].partition(':')[0]).exists()]
    width = max(len(path) for path, _ in present)
    for path, text in present:
        print(f'  {path:<{width}}  {text}')


def main() -> int:
    """Export, check, report; return the exit status."""
    try:
        start = time.monotonic()
        export()
        exported = time.monotonic()
        pack = check()
        report(pack, exported - start, time.monotonic() - exported)
    except DemoError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
