"""Small projects made of a few lines, exported, and run where they cannot be imported."""

from __future__ import annotations

import itertools
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mmengine.registry

from introspect_export import ExportResult, export

_numbers = itertools.count()

_REGISTRY = """
from mmengine.registry import MODELS as PARENT
from mmengine.registry import Registry

MODELS = Registry('model', parent=PARENT, locations=['{name}.net'])
"""
HEAD = """
from mmengine.model import BaseModule
from NAME.registry import MODELS
"""
"""The first lines of a module with models."""
SCOPED_REGISTRY = """
from mmengine.registry import MODELS as PARENT
from mmengine.registry import Registry

MODELS = Registry('model', parent=PARENT, locations=['NAME.net'])
BESIDE = Registry('model', parent=PARENT, scope='NAME_b')
INNER = Registry('model', parent=MODELS, scope='NAME_i')
"""
"""A package's registry with one of another scope beside it, and one of a third below."""


@dataclass(frozen=True)
class Small:
    """An exported project.

    Attributes:
        name: The package it was.
        result: What the export said.
    """

    name: str
    result: ExportResult

    def text(self, module: str) -> str:
        """The text of an output module: ``pack/net.py`` for ``net``."""
        return (self.result.out / 'pack' / f'{module}.py').read_text()

    def has(self, module: str) -> bool:
        """Whether there is such an output module with text in it."""
        path = self.result.out / 'pack' / f'{module}.py'
        return path.exists() and bool(path.read_text())

    def codes(self) -> set[str]:
        """The codes of the diagnostics, but for what other tests of this process made the libraries miss."""
        return {each.code for each in self.result.diagnostics} - {'IE-NO-COMPILED-OPS'}

    def run(self, expression: str, package: str = 'pack') -> str:
        """What an expression over ``net``, the built model, prints where the project cannot be imported.

        Args:
            expression: The expression.
            package: The name that the package is given before.
        """
        if package != 'pack':
            (self.result.out / 'pack').rename(self.result.out / package)
        script = f"""
            import sys
            sys.path.insert(0, {str(self.result.out)!r})
            import {package} as pack
            from mmengine.registry import init_default_scope
            from mmengine.config import Config
            from pathlib import Path
            init_default_scope('pack')
            config = next(Path({str(self.result.out)!r}).glob('{package}/configs/*/*.py'))
            from {package}.registry import MODELS
            net = MODELS.build(Config.fromfile(config).model)
            assert not [name for name in sys.modules if name.partition('.')[0] == {self.name!r}]
            print(({expression}))
        """
        command = [sys.executable, '-W', 'ignore', '-c', textwrap.dedent(script)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.result.out)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.splitlines()[-1]


def small(
    folder: Path, files: Mapping[str, str], model: str = "dict(type='Net')", more: str = '', **options: object
) -> Small:
    """Write a package with a ``Net`` in its module ``net``, and export a config that builds it.

    Args:
        folder: Where to work.
        files: The package's files by path; ``NAME`` in them stands for the package.
        model: The config's model.
        more: More of the config.
        options: Passed on to ``export``.
    """
    name = f'small_{next(_numbers)}_{abs(hash(folder)) % 10**6}'
    package = folder / name
    for path, text in {'__init__.py': '', 'registry.py': _REGISTRY.format(name=name), **files}.items():
        target = package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).replace('NAME', name))
        if target.parent != package and not (target.parent / '__init__.py').exists():
            (target.parent / '__init__.py').write_text('')
    config = folder / 'conf' / 'config.py'
    config.parent.mkdir(exist_ok=True)
    config.write_text(f"default_scope = '{name}'\nmodel = {model}\n{more}".replace('NAME', name))
    sys.path.insert(0, str(folder))
    try:
        return Small(name, export(config, folder / 'out', verify=None, **options))  # type: ignore[arg-type]
    finally:
        sys.path.remove(str(folder))
        _forget(name)


def _forget(name: str) -> None:
    """Leave nothing of a package in this process, where other tests' packages would find its registries."""
    for module in [each for each in sys.modules if each.partition('.')[0] == name]:
        del sys.modules[module]
    for registry in [one for one in vars(mmengine.registry).values() if isinstance(one, mmengine.registry.Registry)]:
        for scope in [one for one in registry.children if one == name or one.startswith(f'{name}_')]:
            del registry.children[scope]
