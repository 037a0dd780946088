"""The layout of the package: output modules have their origin modules' paths below the top-level package."""

from __future__ import annotations

import keyword
import os
from collections.abc import Iterable, Sequence

from introspect_export.model import SourceModule
from introspect_export.model.output_package import Layout

_GENERATED = frozenset(('registry', 'registrations', 'carried', 'files', 'config_hub'))
"""The modules that this program generates; a package of the same name would hide them from imports."""

_RESERVED = frozenset((*_GENERATED, 'configs', 'data', 'demo', ''))


def lay_out(modules: Iterable[SourceModule], origins: Sequence[str]) -> Layout:
    """Return the layout of a package.

    The first origin keeps its paths. A module whose path is taken, by another origin or by a generated module, gets the
    name of its top-level package as a suffix.

    Args:
        modules: The origin modules with live parts.
        origins: The origins, the most important one first.
    """
    rank = {top: index for index, top in enumerate(origins)}
    ordered = sorted(modules, key=lambda module: (rank.get(module.name.partition('.')[0], len(rank)), module.name))
    result: dict[str, str] = {}
    packages = {''}
    taken: set[str] = set(_RESERVED)
    for module in ordered:
        top, _, path = module.name.partition('.')
        if not path and not module.is_package:
            path = _script(module) if top == '__main__' else top
        folder, dot, rest = path.partition('.')
        if dot and folder in _GENERATED:
            path = f'{folder}_{top}.{rest}'
        is_package = module.is_package
        if path in taken or not path:
            # It becomes a plain module: its submodules keep their folder, which another origin may share.
            path, is_package = f'{path}_{top}' if path else f'package_{top}', False
        taken.add(path)
        result[module.name] = path
        if is_package:
            packages.add(path)
    for path in list(result.values()):
        while path := path.rpartition('.')[0]:
            packages.add(path)
    return Layout(result, frozenset(packages))


def _script(module: SourceModule) -> str:
    """The output name of a module that was run as a script: its file's name if that can be imported."""
    stem = os.path.splitext(os.path.basename(module.file))[0]
    return stem if stem.isidentifier() and not keyword.iskeyword(stem) and stem != '__main__' else 'main'


def relative(layout: Layout, source: str, target: str) -> str:
    """Return the relative name by which one output module imports from another: ``..layers.se_layer``.

    Args:
        layout: The layout.
        source: The importing module.
        target: The imported one.
    """
    home = source.split('.') if source else []
    if source not in layout.packages:
        home = home[:-1]
    parts = target.split('.') if target else []
    common = 0
    while common < min(len(home), len(parts)) and home[common] == parts[common]:
        common += 1
    return '.' * (len(home) - common + 1) + '.'.join(parts[common:])
