"""Resolution of a live function's non-global names: its closure, and what its import statements bind."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from introspect_export.read.bindings import bound_by_alias

UNKNOWN = object()
"""The value of a name that cannot be resolved."""


def cells_of(function: types.FunctionType) -> dict[str, Any]:
    """The contents of a function's closure, by name."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # The cell is empty.
            continue
    return found


def imports_of(node: ast.AST, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The names that import statements in a function bind, each with its live value, or ``UNKNOWN`` if not loaded.

    Args:
        node: The function.
        names: The function's globals.
    """
    package = str(names.get('__package__') or '')
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            for alias in each.names:
                bound = bound_by_alias(each, alias)
                yield bound, sys.modules.get(alias.name if alias.asname else bound, UNKNOWN)
        elif isinstance(each, ast.ImportFrom):
            # As in ``importlib.util.resolve_name``: one dot is the package itself, each further dot its parent.
            parts = package.split('.')[: len(package.split('.')) - each.level + 1] if each.level else []
            module = '.'.join([*parts, *([each.module] if each.module else [])])
            loaded = sys.modules.get(module)
            for alias in each.names:
                # An attribute of the module, or else a submodule.
                found = vars(loaded).get(alias.name, UNKNOWN) if isinstance(loaded, types.ModuleType) else UNKNOWN
                yield (
                    bound_by_alias(each, alias),
                    sys.modules.get(f'{module}.{alias.name}', found) if found is UNKNOWN else found,
                )
