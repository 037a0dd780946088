"""What a live class and its ancestors are, without the live objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from introspect_export.model.symbols import Symbol


@dataclass(frozen=True)
class ClassFacts:
    """One class of an MRO, as found by introspection.

    Attributes:
        symbol: Where the class statement is: its ``__module__`` and ``__qualname__``, checked by identity.
        origin: Whether the class belongs to an origin package (its code may be merged) or to a library.
        bases: Its direct bases.
        metaclass: The class of the class.
        members: The names in the class's own namespace, in order, with the kind of each: ``function``, ``property``,
            ``classmethod``, ``staticmethod``, ``class``, ``slot`` or ``data``.
        traits: What makes it special: ``enum``, ``exception``, ``dataclass``, ``namedtuple``, ``slots``, ``generic``,
            ``autograd-function``, ``init-subclass``, ``made-by-call``, ``no-source``.
    """

    symbol: Symbol
    origin: bool
    bases: tuple[Symbol, ...]
    metaclass: Symbol
    members: Mapping[str, str]
    traits: frozenset[str]


@dataclass(frozen=True)
class Chain:
    """A class with its method resolution order (C3; https://docs.python.org/3/howto/mro.html), the class first, ``object`` last."""

    mro: tuple[ClassFacts, ...]

    @property
    def symbol(self) -> Symbol:
        """The class the chain belongs to."""
        return self.mro[0].symbol

    @property
    def ancestors(self) -> tuple[Symbol, ...]:
        """The origin ancestors, nearest first, the class itself left out."""
        return tuple(facts.symbol for facts in self.mro[1:] if facts.origin)
