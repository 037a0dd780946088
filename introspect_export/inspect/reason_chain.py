"""The reasons why a definition is in a package: the chain from the config to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from introspect_export.link.manifest import owners, why
from introspect_export.model import ExportError, Observation
from introspect_export.model.liveset import Owner
from introspect_export.reach import reach
from introspect_export.read.origin_modules import SourceTree

MANIFEST = 'manifest.json'


def chains_to(observation: Observation, name: str) -> dict[Owner, list[str]]:
    """The chains to the definitions and statements of a given name that an export would contain."""
    live = reach(observation, SourceTree(observation.world))
    return {each: why(each, live) for each in owners(live) if is_meant(str(each), name)}


def is_meant(symbol: str, name: str) -> bool:
    """Whether a symbol matches ``name``, ``Class.name`` or ``module:name``; of the module, the last parts suffice."""
    module, _, qualname = symbol.partition(':')
    wanted_module, colon, wanted = name.rpartition(':')
    if qualname != wanted and not qualname.endswith(f'.{wanted}'):
        return False
    return not colon or f'.{module}'.endswith(f'.{wanted_module}')


def packaged(out: Path, name: str) -> list[Mapping[str, Any]]:
    """The records of a package's manifest for the definitions of a given name.

    Raises:
        ExportError: The folder is not a package, or has no definition of that name.
    """
    file = out / MANIFEST
    if not file.is_file():
        raise ExportError(f'{out} is no package of introspect_export: it has no {MANIFEST}')
    symbols: list[Mapping[str, Any]] = json.loads(file.read_text(encoding='utf-8'))['symbols']
    found = [each for each in symbols if is_meant(each['symbol'], name)]
    # A class that was merged into others is in the package under their names.
    found += [each for each in symbols if any(is_meant(other, name) for other in each.get('merged', ()))]
    if not found:
        raise ExportError(f'{name} is not in {out}{_near(name, [each["symbol"] for each in symbols])}')
    return found


def _near(name: str, symbols: list[str]) -> str:
    import difflib

    names = {each.rpartition(':')[2]: each for each in symbols}
    near = difflib.get_close_matches(name.rpartition(':')[2], names, 5)
    return f'; near names: {", ".join(names[each] for each in near)}' if near else ''
