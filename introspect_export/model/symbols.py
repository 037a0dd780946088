"""Names of definitions, spans of text, and lines of files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Symbol:
    """The name of a definition: its module and its qualified name, since two libraries may each define a ``ResNet``.

    Attributes:
        module: Absolute dotted module name.
        qualname: Qualified name (PEP 3155) inside of the module; empty for the module itself.
    """

    module: str
    qualname: str

    def __str__(self) -> str:
        return f'{self.module}:{self.qualname}' if self.qualname else self.module

    @property
    def name(self) -> str:
        """The last component of the qualified name."""
        return self.qualname.rpartition('.')[2]

    @property
    def top(self) -> str:
        """The first component of the qualified name: the global that the module binds."""
        return self.qualname.partition('.')[0]


@dataclass(frozen=True)
class Statement:
    """A top-level statement that runs for its side effects, not for a name that it defines.

    Attributes:
        module: Absolute dotted module name.
        line: The line where it starts.
    """

    module: str
    line: int

    def __str__(self) -> str:
        return f'{self.module}:line {self.line}'


@dataclass(frozen=True, order=True)
class Span:
    """A half-open range of character offsets in a module's text."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether ``other`` is inside of this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file, as ``file:line``."""

    file: str
    line: int

    def __str__(self) -> str:
        return f'{self.file}:{self.line}'
