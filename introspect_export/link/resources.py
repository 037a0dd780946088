"""The data files of the origins that the package needs: those seen being opened, and those that live code names.

A file that is read while a module is imported is not seen where the module was imported before anybody watched. So the
text is asked as well: code that uses ``__file__`` names files by their place beside it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from introspect_export.link.files import needed
from introspect_export.model import Observation, SourceModule
from introspect_export.model.liveset import LiveSet, ModuleAttribute
from introspect_export.model.output_package import Layout

_CODE = ('.py', '.pyc', '.pyi')


def plan_resources(observation: Observation, live: LiveSet, layout: Layout) -> dict[str, str]:
    """Return the files to be copied: the path relative to the output folder, and the file.

    Args:
        observation: What was observed.
        live: What is live.
        layout: Where each module goes.
    """
    asking = {
        resolution.target.module
        for resolution in live.resolutions.values()
        if isinstance(resolution.target, ModuleAttribute) and resolution.target.attribute == '__file__'
    }
    result: dict[str, str] = {}
    placed: set[tuple[str, str]] = set()
    for name in sorted(asking & live.modules.keys() & layout.modules.keys()):
        module = live.modules[name]
        here = os.path.dirname(layout.file(layout.modules[name]))
        for path in _named(module, live.parts.get(name, ())):
            target = os.path.normpath(os.path.join(here, path)).replace(os.sep, '/')
            file = os.path.normpath(os.path.join(os.path.dirname(module.file), path))
            # What lies above the origin's own folder is no part of it.
            if target.startswith('pack/'):
                result[target] = file
                placed.add((name, file))
    for each in observation.resources:
        if not each.package or (any(each.readers) and not needed(each, live)):
            continue
        # A module that went elsewhere has its file beside it there.
        if not any((way[0][0], each.file) in placed for way in each.readers if way):
            result.setdefault(f'pack/{each.path}', each.file)
    return result


def _named(module: SourceModule, parts: tuple[int, ...]) -> Iterator[str]:
    """The paths, relative to a module's folder, of files that its live parts name."""
    folder = os.path.dirname(module.file)
    for index in parts:
        for node in ast.walk(module.tree.body[index]):
            for path in _paths(node):
                if not path.endswith(_CODE) and os.path.isfile(os.path.join(folder, path)):
                    yield path


def _paths(node: ast.AST) -> Iterator[str]:
    """The relative path that an expression may name: a string, or the strings of a call one after the other."""
    if isinstance(node, ast.Constant):
        strings = [node.value] if isinstance(node.value, str) else []
    elif isinstance(node, ast.Call):
        strings = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    else:
        return
    if strings and not any(os.path.isabs(each) or '\0' in each or '\n' in each for each in strings):
        yield os.path.join(*strings)
