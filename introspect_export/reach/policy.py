"""Decisions about which classes are flattened up to which ancestor: the user's options and results of reaching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from introspect_export.model import Symbol


@dataclass(frozen=True)
class FlattenPolicy:
    """Decisions about flattening.

    Attributes:
        mode: ``observed``, ``all`` or ``none``.
        observed: The observed classes.
        stops: For a class, the ancestor up to which it is flattened (and which it keeps as a base).
        kept: Classes that keep their chain.
        added: Classes that must be flattened though they were not observed.
        inline: Whether a parent's method that a single statement calls is inlined there.
    """

    mode: str
    observed: frozenset[Symbol]
    stops: Mapping[Symbol, Symbol]
    kept: frozenset[Symbol]
    added: frozenset[Symbol] = frozenset()
    inline: bool = False

    def flattens(self, symbol: Symbol) -> bool:
        """Whether a class is to be flattened."""
        if symbol in self.kept or self.mode == 'none':
            return False
        return self.mode == 'all' or symbol in self.observed or symbol in self.added

    def until(self, symbol: Symbol) -> Symbol | None:
        """The ancestor at which flattening a class stops, if any."""
        return self.stops.get(symbol)

    def keeping(self, *symbols: Symbol) -> FlattenPolicy:
        """The same policy with more classes that keep their chain."""
        return replace(self, kept=self.kept | set(symbols))

    def stopping(self, symbol: Symbol, ancestor: Symbol) -> FlattenPolicy:
        """The same policy with ``symbol`` flattened up to ``ancestor`` only."""
        return replace(self, stops={**self.stops, symbol: ancestor})

    def adding(self, *symbols: Symbol) -> FlattenPolicy:
        """The same policy with more classes to flatten."""
        return replace(self, added=self.added | set(symbols))
