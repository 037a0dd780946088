"""Output modules as values: before and after their text is rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from introspect_export.link.excerpts import PartText
from introspect_export.link.namespace import Namespace
from introspect_export.model import SourceModule, Symbol


@dataclass
class ModuleDraft:
    """An output module before its text is rendered.

    Attributes:
        module: The origin module.
        path: Its dotted name below ``pack``.
        texts: The live parts.
        namespace: The global names.
        names: For each use of a name, by module and offset, the name in the output.
        virtual: For each flattened class, the names of the ancestors that it remains a virtual subclass of.
        lookups: The uses that look up a global of another module each time, because functions rebind it.
    """

    module: SourceModule
    path: str
    texts: list[PartText]
    namespace: Namespace
    names: dict[tuple[str, int], str]
    virtual: dict[Symbol, tuple[str, ...]]
    lookups: dict[tuple[str, int], Symbol]


@dataclass(frozen=True)
class LinkedModules:
    """The output modules.

    Attributes:
        texts: For each module, by its dotted name below ``pack``, its text.
        parts: For each origin module its live parts.
        edges: For each module the modules it imports from, except for late look-ups, and whether it uses them while it
            is executed.
        looked_up: The modules that others look up through their package, without importing them.
        registering: The modules that import from ``registry.py`` directly.
    """

    texts: Mapping[str, str]
    parts: Mapping[str, Sequence[PartText]]
    edges: Mapping[str, Mapping[str, bool]]
    looked_up: frozenset[str]
    registering: frozenset[str]
