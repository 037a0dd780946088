"""Values of a config that are no plain data, without live objects."""

from __future__ import annotations

from dataclasses import dataclass


class Named(str):
    """The dotted name of a class or function that a config holds.

    Attributes:
        exact: Whether the name resolves to that object.
    """

    exact: bool

    def __new__(cls, name: str, exact: bool) -> Named:
        """Create an instance."""
        made = super().__new__(cls, name)
        made.exact = exact
        return made


class Template(str):
    """A text with names in double braces, which mmengine replaces when it reads the config."""


@dataclass(frozen=True, repr=False)
class Expression:
    """Another object in a config: a library's number, a path, a date.

    Attributes:
        shown: Its ``repr``.
        kind: Its class.
        text: A Python expression for an equal object; empty where none was found.
        modules: The modules that the expression needs.
    """

    shown: str
    kind: str
    text: str
    modules: tuple[str, ...]

    def __repr__(self) -> str:
        """The object's ``repr``, so that a config compares equal to one with the object."""
        return self.shown
