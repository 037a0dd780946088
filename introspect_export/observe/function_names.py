"""What the names of a live function mean: the variables around it, and what its import statements bind."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from introspect_export.read.bindings import bound_by_alias

UNKNOWN = object()
"""What is not known."""


def cells_of(function: types.FunctionType) -> dict[str, Any]:
    """The variables of functions around that a function has."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # Not bound yet.
            continue
    return found


def imports_of(node: ast.AST, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What import statements in a function bind, as far as it is loaded."""
    package = str(names.get('__package__') or '')
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            for alias in each.names:
                bound = bound_by_alias(each, alias)
                yield bound, sys.modules.get(alias.name if alias.asname else bound, UNKNOWN)
        elif isinstance(each, ast.ImportFrom):
            parts = package.split('.')[: len(package.split('.')) - each.level + 1] if each.level else []
            module = '.'.join([*parts, *([each.module] if each.module else [])])
            loaded = sys.modules.get(module)
            for alias in each.names:
                found = vars(loaded).get(alias.name, UNKNOWN) if isinstance(loaded, types.ModuleType) else UNKNOWN
                yield (
                    bound_by_alias(each, alias),
                    sys.modules.get(f'{module}.{alias.name}', found) if found is UNKNOWN else found,
                )
