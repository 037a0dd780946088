"""The global names of one output module, and the imports that bind them.

Text from several modules meets in one. A name keeps its spelling wherever it can; where two different things want one
name, the later gets an import alias that no text of the module uses for anything else.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from introspect_export.model import Symbol
from introspect_export.model.liveset import (
    Broken,
    Builtin,
    Defined,
    FromRegistry,
    Library,
    ModuleAttribute,
    Target,
)


@dataclass(frozen=True)
class Bound:
    """A name bound in an output module.

    Attributes:
        name: The name.
        target: What it is bound to.
        eager: Whether some use of it is evaluated when the module is executed.
    """

    name: str
    target: Target
    eager: bool


@dataclass
class Namespace:
    """Hands out names for things in one output module.

    Args:
        words: Every identifier in the module's text, so that an alias meets none.
        canonical: Maps targets that are one object to one target.
    """

    words: frozenset[str]
    canonical: Callable[[Target], Target]
    bound: dict[str, Bound] = field(default_factory=dict)

    @property
    def uses_registries(self) -> bool:
        """Whether a name is bound to a registry of the package."""
        return any(isinstance(bound.target, FromRegistry) for bound in self.bound.values())

    def define(self, name: str, symbol: Symbol) -> None:
        """Reserve a name that the module's own parts define."""
        self.bound[name] = Bound(name, Defined(symbol), eager=True)

    def name(self, target: Target, wanted: str, *, eager: bool, origin: str, fits: bool) -> str:
        """Return the name of a thing, bound when first asked for.

        Args:
            target: The thing.
            wanted: The name it has in the text.
            eager: Whether this use is evaluated when the module is executed.
            origin: The module the text is from, for the alias.
            fits: Whether ``wanted`` may stand at the use: nothing around it has that name.
        """
        key = self.canonical(target)
        held = self.bound.get(wanted)
        if fits and (held is None or self.canonical(held.target) == key):
            self._bind(wanted, target, eager)
            return wanted
        for bound in self.bound.values():
            if self.canonical(bound.target) == key and bound.name not in self.words:
                self._bind(bound.name, target, eager)
                return bound.name
        alias = self._alias(wanted, origin)
        self._bind(alias, target, eager)
        return alias

    def _bind(self, name: str, target: Target, eager: bool) -> None:
        held = self.bound.get(name)
        if held is not None:
            eager = eager or held.eager
            if isinstance(held.target, Library) and isinstance(target, Library):
                loads = tuple(dict.fromkeys((*held.target.loads, *target.loads)))
                target = replace(held.target, loads=loads)
            else:
                target = held.target
        self.bound[name] = Bound(name, target, eager)

    def _alias(self, wanted: str, origin: str) -> str:
        base = f'{origin.rpartition(".")[2]}_{wanted}'.replace('__', '_').lstrip('_')
        alias, count = base, 1
        while alias in self.words or alias in self.bound or hasattr(builtins, alias):
            count += 1
            alias = f'{base}_{count}'
        return alias


def needs_import(bound: Bound, module: str) -> bool:
    """Whether a name must be imported: the module does not define it, and it is no builtin of its own name."""
    if isinstance(bound.target, Defined):
        return bound.target.symbol.module != module or bound.target.symbol.qualname != bound.name
    if isinstance(bound.target, Builtin):
        return bound.target.name != bound.name
    if isinstance(bound.target, ModuleAttribute):
        return bound.target.module != module
    return not isinstance(bound.target, Broken)
