"""The global namespace of an output module.

An output module may contain text of several origin modules. Names are kept where possible; where two targets have the
same name, the later one gets an import alias that does not occur in the module's text.
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
        target: The target that it is bound to.
        eager: Whether some use of it is evaluated when the module is executed.
    """

    name: str
    target: Target
    eager: bool


@dataclass
class Namespace:
    """Assigns names to targets in one output module.

    Attributes:
        words: All identifiers in the module's text, which aliases must differ from.
        canonical: Maps targets that are the same object to one target.
        bound: The names bound so far.
        before: The names that an import binds before the module's own parts redefine them: ``class Hook(Hook)``.
    """

    words: frozenset[str]
    canonical: Callable[[Target], Target]
    bound: dict[str, Bound] = field(default_factory=dict)
    before: dict[str, Bound] = field(default_factory=dict)

    @property
    def every(self) -> list[Bound]:
        """All bindings, those before the module's own first."""
        return [*self.before.values(), *self.bound.values()]

    @property
    def uses_registries(self) -> bool:
        """Whether a name is bound to a registry of the package."""
        return any(isinstance(bound.target, FromRegistry) for bound in self.every)

    def define(self, name: str, symbol: Symbol) -> None:
        """Reserve a name that the module's own parts define."""
        self.bound[name] = Bound(name, Defined(symbol), eager=True)

    def name_before(self, target: Target, name: str) -> bool:
        """Bind a name that the module's own parts redefine; False where it is bound to something else already."""
        existing = self.before.setdefault(name, Bound(name, target, eager=True))
        return self.canonical(existing.target) == self.canonical(target)

    def name(self, target: Target, wanted: str, *, eager: bool, origin: str, fits: bool) -> str:
        """Return the name of a target, which is bound if it was not before.

        Args:
            target: The target.
            wanted: The name that the text has for it.
            eager: Whether this use is evaluated when the module is executed.
            origin: The origin module of the text, for the alias.
            fits: Whether ``wanted`` can be used there: no local variable has that name.
        """
        key = self.canonical(target)
        existing = self.bound.get(wanted)
        if fits and (existing is None or self.canonical(existing.target) == key):
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
        existing = self.bound.get(name)
        if existing is not None:
            eager = eager or existing.eager
            if isinstance(existing.target, Library) and isinstance(target, Library):
                loads = tuple(dict.fromkeys((*existing.target.loads, *target.loads)))
                target = replace(existing.target, loads=loads)
            else:
                target = existing.target
        self.bound[name] = Bound(name, target, eager)

    def _alias(self, wanted: str, origin: str) -> str:
        base = f'{origin.rpartition(".")[2]}_{wanted}'.replace('__', '_').lstrip('_')
        alias, count = base, 1
        while alias in self.words or alias in self.bound or hasattr(builtins, alias):
            count += 1
            alias = f'{base}_{count}'
        return alias


def needs_import(bound: Bound, module: str) -> bool:
    """Whether a name needs an import: the module does not define it, and it is not a builtin under its own name.

    Args:
        bound: The bound name.
        module: The origin module.
    """
    if isinstance(bound.target, Defined):
        return bound.target.symbol.module != module or bound.target.symbol.qualname != bound.name
    if isinstance(bound.target, Builtin):
        return bound.target.name != bound.name
    if isinstance(bound.target, ModuleAttribute):
        return bound.target.module != module
    return not isinstance(bound.target, Broken)
