"""Train packages in an environment where none of the libraries they came from is installed.

    python scripts/clean_env.py                 exports four configs, and trains each for two iterations

The environment, `.venv-clean`, is made from the packages' own `requirements.txt` and nothing else; the compiled mmcv is
taken from the cache that `scripts/setup_env.py test` fills. A second run uses the environment that is there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import mmcv_wheel
from steps import SetupError, run_logged, say

from introspect_export import export
from introspect_export.fast_test import TrainingResult, fast_test

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = {
    'mask-rcnn': 'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
    'mask2former': 'mmseg::mask2former/mask2former_r50_8xb2-90k_cityscapes-512x1024.py',
    'rtmpose': 'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-s_8xb256-420e_coco-256x192.py',
    'edsr': 'mmagic::edsr/edsr_x2c64b16_1xb16-300k_div2k.py',
}
# What sources are built with: some declare neither numpy nor Cython.
BUILD_TOOLS = ('pip', 'setuptools<81', 'wheel', 'Cython')
ORIGINS = ('mmdet', 'mmseg', 'mmpose', 'mmagic', 'mmpretrain')


def exported(folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """The packages, each in a folder of its own."""
    packages = {}
    for name in names:
        packages[name] = folder / name
        if not packages[name].exists():
            say(f'exporting {CONFIGS[name]}')
            export(CONFIGS[name], packages[name], verify=None)
    return packages


def environment(folder: Path, packages: Sequence[Path]) -> Path:
    """The interpreter of an environment that holds what the packages require."""
    python, log = folder / 'bin' / 'python', folder / 'setup.log'
    if not python.exists():
        say(f'making {folder}')
        folder.mkdir(parents=True, exist_ok=True)
        run_logged([sys.executable, '-m', 'venv', str(folder)], log)
    pip = [str(python), '-m', 'pip', 'install', '-q', '--no-input']
    lines = {line for package in packages for line in (package / 'requirements.txt').read_text().splitlines()}
    wanted = sorted(line for line in lines if '==' in line and not line.startswith('#'))
    torch = next(line for line in wanted if line.startswith('torch=='))
    wheels = mmcv_wheel.cache_folder(torch.partition('==')[2])
    first = [line for line in wanted if line.startswith(('numpy==', 'torch==', 'torchvision=='))]
    say(f'installing {len(wanted)} requirements of the packages')
    run_logged([*pip, *BUILD_TOOLS], log)
    run_logged([*pip, *first], log)
    run_logged([*pip, '--no-build-isolation', '--find-links', str(wheels), *wanted], log)
    return python


def installed_origins(python: Path) -> list[str]:
    """The libraries that an environment holds and should not."""
    code = f'import importlib.util; print(*[name for name in {ORIGINS!r} if importlib.util.find_spec(name)])'
    done = subprocess.run([str(python), '-I', '-c', code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def line(name: str, result: TrainingResult) -> str:
    """One package's result."""
    losses = ' '.join(f'{one["loss"]:.6g}' for one in result.iterations if 'loss' in one)
    metrics = ', '.join(f'{key} {value}' for key, value in list(result.metrics.items())[:3])
    state = 'trained' if result.ok else f'FAILED: {result.reason}'
    return f'{name:12} {state}; losses {losses or "none"}; {metrics or "no metric"}; {result.seconds:.0f} s'


def main(arguments: Sequence[str] | None = None) -> int:
    """Export, install, train; the exit status is 0 where all of them trained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', default=list(CONFIGS), help=f'some of {", ".join(CONFIGS)}')
    parser.add_argument('--env', type=Path, default=ROOT / '.venv-clean', help='the environment')
    parser.add_argument('--packages', type=Path, help='where the packages are, or are to be written')
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix='introspect_export_clean_') as temporary:
        try:
            packages = exported(options.packages or Path(temporary), options.names)
            python = environment(options.env, list(packages.values()))
        except SetupError as error:
            print(f'error: {error}', file=sys.stderr)
            return 1
        if found := installed_origins(python):
            print(f'error: {options.env} holds {", ".join(found)}', file=sys.stderr)
            return 1
        ok = True
        for name, package in packages.items():
            data = Path(temporary, f'data_{name}')
            result = fast_test(package, data, shape=(32, 64), python=python, progress=lambda text: None)
            say(line(name, result))
            ok = ok and result.ok
    return 0 if ok else 1


if __name__ == '__main__':
    sys.exit(main())
