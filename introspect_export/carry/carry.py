"""Write a live object down so that a package of its classes can make it anew."""

from __future__ import annotations

import io
import pickletools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from introspect_export.carry.carried_observation import Carried
from introspect_export.carry.closure_functions import is_library
from introspect_export.carry.pickle_survey import explained
from introspect_export.carry.pickler import Carrier, carrier, strict
from introspect_export.model import ExportError, Symbol
from introspect_export.model.liveset import LiveSet
from introspect_export.model.output_package import Layout
from introspect_export.observe.symbol_lookup import symbol_of

CODE = 'pack/carried.py'
OBJECT = 'pack/carried.pt'


@dataclass(frozen=True)
class _PackNames:
    """Names things as the package does: modules relative to it, so that the package can be renamed."""

    carried: Carried
    live: LiveSet
    layout: Layout

    def name(self, value: Any) -> tuple[str, str] | None:
        """The module and qualified name in the package; None for a library's thing, and for one carried by value.

        Raises:
            ExportError: It is an origin's, and not in the package.
        """
        symbol = symbol_of(value)
        if symbol is None or symbol not in self.carried.named:
            return None
        if Symbol(symbol.module, symbol.top) not in self.live.reasons:
            raise ExportError(f'{symbol} could not be put into the package')
        return f'.{self.layout.modules[symbol.module]}', symbol.qualname

    def is_library(self, value: Any) -> bool:
        """Whether a class or function is of no origin."""
        return is_library(value, self.carried.observation.world)

    def module(self, value: ModuleType) -> None:
        """Libraries' modules are imported where the package is."""

    def holds(self, value: Any) -> None:
        """Nothing else is of interest."""


def carry_over(value: Any, carried: Carried, live: LiveSet, layout: Layout) -> bytes:
    """Return a live object as the bytes of ``carried.pt``.

    Args:
        value: The object.
        carried: What was found out about it.
        live: What is in the package.
        layout: Where each origin module went.

    Raises:
        ExportError: Something in it cannot be carried over.
    """
    made: list[Carrier] = []
    stream = io.BytesIO()
    with explained(carried.name, value, made), strict():
        torch.save(value, stream, pickle_module=carrier(_PackNames(carried, live, layout), made))
    data = stream.getvalue()
    left = [each for each in imported(data) if carried.observation.world.is_origin(each)]
    if left:
        raise ExportError(f'{carried.name}: something in it can only be named as a part of {", ".join(left)}')
    return data


def imported(data: bytes) -> tuple[str, ...]:
    """The modules that loading imports, beside those of the package.

    Args:
        data: The bytes of ``carried.pt``.
    """
    archive = zipfile.ZipFile(io.BytesIO(data))
    name = next(each for each in archive.namelist() if each.endswith('/data.pkl'))
    operations = pickletools.genops(archive.read(name))
    named = {str(argument).partition(' ')[0] for operation, argument, _ in operations if operation.name == 'GLOBAL'}
    return tuple(sorted(each for each in named if not each.startswith('.')))


def loader_text() -> str:
    """The text of ``carried.py``: this program's own loader, which imports nothing of this program."""
    return Path(__file__).with_name('loader.py').read_text(encoding='utf-8')
