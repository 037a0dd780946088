"""Pickle a live object with the names of the exported package, so that the package can load it."""

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
    """A namer with the names of the package: modules are relative, so that the package can be renamed."""

    carried: Carried
    live: LiveSet
    layout: Layout

    def name(self, value: Any) -> tuple[str, str] | None:
        """The module and qualified name in the package; None for a library's object, and for one pickled by value.

        Raises:
            ExportError: It belongs to an origin, and is not in the package.
        """
        symbol = symbol_of(value)
        if symbol is None or symbol not in self.carried.named:
            return None
        if Symbol(symbol.module, symbol.top) not in self.live.reasons:
            raise ExportError(f'{symbol} could not be put into the package')
        return f'.{self.layout.modules[symbol.module]}', symbol.qualname

    def is_library(self, value: Any) -> bool:
        """Whether a class or function belongs to a library."""
        return is_library(value, self.carried.observation.world)

    def module(self, value: ModuleType) -> None:
        """Allow any module: those of libraries can be imported, and those of origins were refused by the survey."""

    def holds(self, value: Any) -> None:
        """Ignore any other object."""


def carry_over(value: Any, carried: Carried, live: LiveSet, layout: Layout) -> bytes:
    """Return the bytes of ``carried.pt`` for a live object.

    Args:
        value: The object.
        carried: The facts about it.
        live: The parts in the package.
        layout: The output modules of the origins' modules.

    Raises:
        ExportError: Something in it cannot be pickled, or names an origin.
    """
    picklers: list[Carrier] = []
    stream = io.BytesIO()
    with explained(carried.name, value, picklers), strict():
        torch.save(value, stream, pickle_module=carrier(_PackNames(carried, live, layout), picklers))
    data = stream.getvalue()
    left = [each for each in imported(data) if carried.observation.world.is_origin(each)]
    if left:
        raise ExportError(f'{carried.name}: something in it can only be named as a part of {", ".join(left)}')
    return data


def imported(data: bytes) -> tuple[str, ...]:
    """The modules that unpickling imports, except for those of the package.

    Args:
        data: The bytes of ``carried.pt``.
    """
    archive = zipfile.ZipFile(io.BytesIO(data))
    name = next(each for each in archive.namelist() if each.endswith('/data.pkl'))
    operations = pickletools.genops(archive.read(name))
    named = {str(argument).partition(' ')[0] for operation, argument, _ in operations if operation.name == 'GLOBAL'}
    return tuple(sorted(each for each in named if not each.startswith('.')))


def loader_text() -> str:
    """The text of ``carried.py``: the file ``loader.py``, which imports nothing of this program."""
    return Path(__file__).with_name('loader.py').read_text(encoding='utf-8')
