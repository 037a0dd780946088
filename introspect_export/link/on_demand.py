"""Packages of the output whose ``__getattr__`` imports names from submodules on access (PEP 562)."""

from __future__ import annotations

from collections.abc import Mapping

from introspect_export.link.layout import relative
from introspect_export.model.liveset import Defined
from introspect_export.model.output_package import Layout

_TEXT = """\
\"\"\"What this package is asked for is imported then, as the original does.\"\"\"

import importlib

_HOMES = {{
{rows}
}}


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f'module {{__name__!r}} has no attribute {{name!r}}')
    return getattr(importlib.import_module(_HOMES[name], __name__), name)
"""


def on_demand_texts(on_demand: Mapping[str, Mapping[str, Defined]], layout: Layout) -> dict[str, str]:
    """Return the text of each such package that has no live text of its own, by its file.

    Args:
        on_demand: For each package of an origin, the definitions that its attributes resolve to.
        layout: The output module of each origin module.
    """
    texts = {}
    for package, names in on_demand.items():
        place = package.partition('.')[2]
        if place and package not in layout.modules and place in layout.packages:
            homes = {name: layout.modules.get(each.symbol.module) for name, each in names.items()}
            rows = [f'    {name!r}: {relative(layout, place, home)!r},' for name, home in homes.items() if home]
            texts[layout.file(place)] = _TEXT.format(rows='\n'.join(rows))
    return texts
