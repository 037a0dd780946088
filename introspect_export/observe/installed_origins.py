"""What ``importlib`` says about origins, which are not installed where the package is used."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable

from packaging.utils import canonicalize_name

from introspect_export.distributions import providers
from introspect_export.model.symbols import Symbol
from introspect_export.observe.symbol_lookup import find


def installed(module: str, function: str, name: str, is_origin: Callable[[str], bool]) -> bool | str | None:
    """What a function of importlib returns for an origin; see ``World.installed``.

    Args:
        module: The module that calls the function.
        function: The function as written there.
        name: The argument.
        is_origin: Whether the code of a module goes into the export.
    """
    value = find(Symbol(module, function))
    if value is importlib.util.find_spec:
        return True if '.' not in name and is_origin(name) and name in sys.modules else None
    # https://importlib-metadata.readthedocs.io: the standard library's module, as a distribution of its own.
    backport = find(Symbol('importlib_metadata', 'version'))
    if value is importlib.metadata.version or (backport is not None and value is backport):
        return _version(name, is_origin)
    return None


def _version(distribution: str, is_origin: Callable[[str], bool]) -> str | None:
    """The version of a distribution that provides an origin."""
    wanted = canonicalize_name(distribution)
    for top, provided in providers(sys.path).items():
        for each in provided:
            if canonicalize_name(each.name) == wanted and is_origin(top):
                return each.version
    return None


__all__ = ['installed']
