"""The data files in origins' folders that the package needs: those recorded as opened, and those that live code names.

If a module was imported before recording began, the files that it reads on import were not recorded. So live text of
modules that use ``__file__`` is searched for names of files as well.
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
    """Return the files to copy, by their path relative to the output folder.

    Args:
        observation: The observation.
        live: The live set.
        layout: The output module of each origin module.
    """
    using_file = {
        resolution.target.module
        for resolution in live.resolutions.values()
        if isinstance(resolution.target, ModuleAttribute) and resolution.target.attribute == '__file__'
    }
    result: dict[str, str] = {}
    placed: set[tuple[str, str]] = set()
    for name in sorted(using_file & live.modules.keys() & layout.modules.keys()):
        module = live.modules[name]
        folder = os.path.dirname(layout.file(layout.modules[name]))
        for path in _named(module, live.parts.get(name, ())):
            target = os.path.normpath(os.path.join(folder, path)).replace(os.sep, '/')
            file = os.path.normpath(os.path.join(os.path.dirname(module.file), path))
            # A path that leads out of the package is not copied.
            if target.startswith('pack/'):
                result[target] = file
                placed.add((name, file))
    for each in observation.resources:
        if not each.package or (any(each.readers) and not needed(each, live)):
            continue
        # Already copied beside the output module that reads it, which may have another path than in the origin.
        if not any((stack[0][0], each.file) in placed for stack in each.readers if stack):
            result.setdefault(f'pack/{each.path}', each.file)
    return result


def _named(module: SourceModule, parts: tuple[int, ...]) -> Iterator[str]:
    """The paths, relative to a module's folder, of existing files that its live parts name."""
    folder = os.path.dirname(module.file)
    for index in parts:
        for node in ast.walk(module.tree.body[index]):
            for path in _paths(node):
                if not path.endswith(_CODE) and os.path.isfile(os.path.join(folder, path)):
                    yield path


def _paths(node: ast.AST) -> Iterator[str]:
    """The relative path that an expression may name: a string, or the joined string arguments of a call."""
    if isinstance(node, ast.Constant):
        strings = [node.value] if isinstance(node.value, str) else []
    elif isinstance(node, ast.Call):
        strings = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    else:
        return
    if strings and not any(os.path.isabs(each) or '\0' in each or '\n' in each for each in strings):
        yield os.path.join(*strings)
