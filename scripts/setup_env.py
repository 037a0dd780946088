"""Set up one of the project's virtual environments, once.

    python scripts/setup_env.py demo     .venv-demo: torch for CPU, mmcv-lite, mmdet
    python scripts/setup_env.py test     .venv-test: compiled mmcv and all the libraries

Every version is pinned in `requirements/<name>.txt`, dependencies of dependencies too, so nothing
is resolved: torch brings its own platform packages, all else installs with `--no-deps`. A second
run with the same pins and scripts does nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import sys
import time
from pathlib import Path

import mmcv_wheel
import patch_libraries
from steps import Progress, SetupError, run_logged, say

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (3, 11)
BUILD_TOOLS = ('pip', 'setuptools', 'wheel', 'ninja', 'psutil', 'Cython', 'numpy')
TORCH = ('torch', 'torchvision')
# Their setup.py needs numpy and Cython without declaring them.
SOURCE_ONLY = ('chumpy', 'xtcocotools')
COMPILED = 'mmcv'
# GB: 7.4 for the environment, and 2 for what the tests write meanwhile; the demo's is 1.4.
ROOM = {'demo': 2, 'test': 10}
LIBRARIES = (
    *('torch', 'mmengine', 'mmcv', 'mmdet', 'mmseg', 'mmpose', 'mmagic', 'mmpretrain'),
    *('mmrotate', 'mmdet3d', 'mmyolo', 'mmaction.models', 'mmocr'),
)


class Environment:
    """One virtual environment: its folder, its pins, and the commands that fill it."""

    def __init__(self, name: str) -> None:
        self.room = ROOM[name]
        self.folder = ROOT / f'.venv-{name}'
        self.python = self.folder / 'bin' / 'python'
        self.log = self.folder / 'setup.log'
        self.pins_file = ROOT / 'requirements' / f'{name}.txt'
        self.pins = read_pins(self.pins_file)
        self._stamp = self.folder / '.stamp'

    def fingerprint(self) -> str:
        """Return a hash of all that decides what the environment holds."""
        scripts = [ROOT / 'scripts' / f'{name}.py' for name in ('setup_env', 'mmcv_wheel', 'patch_libraries', 'steps')]
        digest = hashlib.sha256(f'{sys.version} {self.folder}'.encode())
        for path in (self.pins_file, ROOT / 'setup.py', *scripts):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_ready(self) -> bool:
        """Tell whether the last set-up ended well and had the same inputs."""
        return self._stamp.is_file() and self._stamp.read_text().strip() == self.fingerprint()

    def create(self) -> None:
        """Forget the last set-up, and create the environment or bring it up to date."""
        self._stamp.unlink(missing_ok=True)
        self.folder.mkdir(exist_ok=True)
        fresh = [] if self._fits() else ['--clear']
        run_logged([sys.executable, '-m', 'venv', *fresh, str(self.folder)], self.log)

    def finish(self) -> None:
        """Note that everything is in place."""
        self._stamp.write_text(self.fingerprint() + '\n')

    def pip_install(self, *arguments: str) -> None:
        """Run pip install in the environment."""
        command = [str(self.python), '-m', 'pip', 'install', '-q', '--no-input']
        run_logged([*command, *arguments], self.log)

    def pinned(self, *names: str) -> list[str]:
        """Return the requirements of those of `names` that the pins list."""
        return [f'{name}=={self.pins[name]}' for name in names if name in self.pins]

    def others(self, *names: str) -> list[str]:
        """Return the requirements of all that the pins list, without `names`."""
        return self.pinned(*(name for name in self.pins if name not in names))

    def run(self, code: str) -> None:
        """Run a line of Python in the environment."""
        run_logged([str(self.python), '-c', code], self.log, cwd=self.folder)

    def patch(self) -> None:
        """Correct what releases of libraries refuse or lack."""
        run_logged([str(self.python), str(ROOT / 'scripts' / 'patch_libraries.py')], self.log)

    def _fits(self) -> bool:
        """Tell whether the folder holds an environment of this very Python."""
        settings = self.folder / 'pyvenv.cfg'
        version = '.'.join(map(str, sys.version_info[:3]))
        return settings.is_file() and f'version = {version}\n' in settings.read_text()


def read_pins(path: Path) -> dict[str, str]:
    """Return name -> version of a file of `name==version` lines and comments."""
    pins = {}
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        text = line.split('#')[0].strip()
        if not text:
            continue
        found = re.fullmatch(r'([\w.-]+)==([\w.+!-]+)', text)
        if found is None:
            raise SetupError(f'{path}:{number}: not of the form name==version: {text}')
        pins[found.group(1)] = found.group(2)
    return pins


def check_machine(env: Environment) -> None:
    """Fail before anything is downloaded where the set-up cannot succeed.

    Raises:
        SetupError: the Python is not the one the pins are for, the disk is too full, or nothing can be compiled.
    """
    if sys.version_info[:2] != PYTHON:
        wanted = '.'.join(map(str, PYTHON))
        raise SetupError(
            f'the pinned versions are for Python {wanted}, and this is '
            f'{sys.version.split()[0]} ({sys.executable}); '
            f'name another one: make BASE_PYTHON=/path/to/python{wanted}'
        )
    free = shutil.disk_usage(ROOT).free / 10**9
    if free < env.room and not env.folder.exists():
        raise SetupError(f'{ROOT} has {free:.1f} GB left, and {env.room} GB are needed')
    if COMPILED in env.pins and find_cached_wheel(env) is None:
        mmcv_wheel.check_compiler()


def find_cached_wheel(env: Environment) -> Path | None:
    """Return the compiled mmcv wheel that fits the pins, if it was built before."""
    folder = mmcv_wheel.cache_folder(env.pins['torch'])
    return mmcv_wheel.find_wheel(env.pins[COMPILED], folder)


def install_mmcv(env: Environment) -> None:
    """Install the compiled mmcv; build it first where the cache has none that loads."""
    folder = mmcv_wheel.cache_folder(env.pins['torch'])
    with mmcv_wheel.locked(folder):
        wheel = find_cached_wheel(env)
        if wheel is not None and loads(env, wheel):
            say(f'      from {wheel.parent}')
            return
        say('      compiling 77 C++ files takes about eight minutes on two cores, once:')
        say(f'      the wheel is kept in {folder}')
        wheel = mmcv_wheel.build_wheel(env.pins[COMPILED], env.python, folder, env.log)
    install_wheel(env, wheel)
    env.run('import mmcv.ops')


def loads(env: Environment, wheel: Path) -> bool:
    """Install a cached wheel and tell whether its operators load."""
    install_wheel(env, wheel)
    try:
        env.run('import mmcv.ops')
    except SetupError as error:
        say(f'      the cached {wheel.name} does not load and is built again\n{error}')
        return False
    return True


def install_wheel(env: Environment, wheel: Path) -> None:
    """Install one wheel file in place of whatever is there."""
    env.pip_install('--no-deps', '--no-index', '--force-reinstall', str(wheel))


def set_up(env: Environment) -> None:
    """Fill the environment, step by step."""
    compiled = COMPILED in env.pins
    from_source = env.pinned(*SOURCE_ONLY)
    progress = Progress(6 + 2 * compiled + bool(from_source))
    with progress.step(f'virtual environment {env.folder.name}'):
        env.create()
    with progress.step('pip and build tools'):
        env.pip_install(*env.pinned(*BUILD_TOOLS))
    with progress.step(' and '.join(env.pinned(*TORCH)) + (' (5 GB)' if compiled else ' (CPU)')):
        env.pip_install('-c', str(env.pins_file), *env.pinned(*TORCH))
    if from_source:
        with progress.step(' and '.join(from_source) + ', from source'):
            env.pip_install('--no-deps', '--no-build-isolation', *from_source)
    rest = env.others(*BUILD_TOOLS, *TORCH, *SOURCE_ONLY, COMPILED)
    with progress.step(f'{len(rest)} more packages'):
        env.pip_install('--no-deps', *rest)
    if compiled:
        with progress.step(f'{env.pinned(COMPILED)[0]} with compiled operators'):
            install_mmcv(env)
        with progress.step(f'{len(patch_libraries.PATCHES)} corrections of what the libraries refuse or lack'):
            env.patch()
    with progress.step('introspect_export itself, editable'):
        env.pip_install('--no-deps', '--no-build-isolation', '-e', str(ROOT))
    with progress.step('importing the libraries'):
        env.run(check_code(compiled))
    env.finish()


def check_code(compiled: bool) -> str:
    """Return the line that shows the environment works.

    mmdet needs compiled operators to be imported, so without them it is only looked for.
    """
    if compiled:
        return f'import {", ".join(LIBRARIES)}'
    return 'import torch, mmcv; from importlib.util import find_spec; assert find_spec("mmdet")'


def main() -> int:
    """Set up the named environment unless it is ready; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('name', choices=['demo', 'test'])
    env = Environment(parser.parse_args().name)
    if env.is_ready():
        say(f'{env.folder.name} is ready')
        return 0
    start = time.monotonic()
    say(f'Setting up {env.folder.name}, once. Details: {os.path.relpath(env.log)}')
    try:
        check_machine(env)
        set_up(env)
    except SetupError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('interrupted; the next run takes up where this one stopped', file=sys.stderr)
        return 130
    say(f'{env.folder.name} is ready after {time.monotonic() - start:.0f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
