"""Compiled code that an origin's source needs: without source, it cannot be in a package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES

from introspect_export.model import Diagnostic, ImportedName, NameUse, SourceModule, World
from introspect_export.model.liveset import Library, LiveSet
from introspect_export.observe.raw import namespace

COMPILED = 'IE-COMPILED'
_LOADS = ('ops', 'load_library')


def compiled(live: LiveSet, world: World) -> tuple[Diagnostic, ...]:
    """Diagnostics for the places where live code loads or imports compiled code of an origin.

    Args:
        live: The reached parts.
        world: The observed process.
    """
    return tuple(dict.fromkeys(_compiled(live, world)))


def goes_on_imported(package: str) -> Diagnostic:
    """The diagnostic for a package that stays an import because of its compiled code.

    Args:
        package: The top-level package.
    """
    return Diagnostic(
        COMPILED, package, 'what is named of it needs compiled code of its own: it goes on to be imported'
    )


def _compiled(live: LiveSet, world: World) -> Iterator[Diagnostic]:
    for name, indices in live.parts.items():
        module = live.modules[name]
        used = {use.name for index in indices for use in module.parts[index].uses}
        for part in module.parts:
            is_live = part.index in indices
            for each in part.imports:
                if (is_live or each.name in used) and _is_extension(each, world):
                    yield _diagnostic(module, each.line, f'imports {each.module}, which is compiled')
            for use in part.uses if is_live else ():
                if _loads_library(name, use, live):
                    yield _diagnostic(module, part.line, 'loads a compiled library')


def _loads_library(name: str, use: NameUse, live: LiveSet) -> bool:
    resolution = live.resolutions.get((name, use.span.start))
    target = resolution.target if resolution is not None else None
    return isinstance(target, Library) and target.module == 'torch' and use.attributes[:2] == _LOADS


def _is_extension(name: ImportedName, world: World) -> bool:
    modules = [name.module, *([f'{name.module}.{name.attribute}'] if name.attribute else [])]
    files = (namespace(sys.modules.get(each)).get('__file__') for each in modules if world.is_origin(each))
    return any(isinstance(file, str) and file.endswith(tuple(EXTENSION_SUFFIXES)) for file in files)


def _diagnostic(module: SourceModule, line: int, what: str) -> Diagnostic:
    top = module.name.partition('.')[0]
    message = f'the model needs it, and it {what}, which no text can stand for; keep it an import with extern=[{top!r}]'
    return Diagnostic(COMPILED, module.name, message, f'{module.file}:{line}')
