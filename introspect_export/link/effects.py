"""What executing code does, and what it calls."""

from __future__ import annotations

from dataclasses import dataclass, field

from introspect_export.link.names import Meaning


@dataclass
class Executed:
    """What executing a module, or running a function, does.

    Attributes:
        registers: The variables of the package's registries that it registers in.
        forces: Those of them in which it may replace an entry.
        asks: Whether it may ask a registry.
        alters: What it may change that others see, or empty.
    """

    registers: set[str] = field(default_factory=set)
    forces: set[str] = field(default_factory=set)
    asks: bool = False
    alters: str = ''

    def add(self, other: Executed) -> None:
        """Take in what something that is called does."""
        self.registers |= other.registers
        self.forces |= other.forces
        self.asks = self.asks or other.asks
        self.alters = self.alters or other.alters


@dataclass(frozen=True)
class Call:
    """Something that code calls.

    Attributes:
        meaning: The thing.
        levels: How often what it returns is called: functions inside that are only returned are run from 2 on.
        decorates: Whether the last call gets something that is being made.
    """

    meaning: Meaning
    levels: int
    decorates: bool = False


@dataclass
class Direct:
    """What a piece of code does by itself, and what it calls."""

    does: Executed = field(default_factory=Executed)
    calls: dict[Call, None] = field(default_factory=dict)
