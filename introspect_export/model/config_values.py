"""Representations of a config's values that are not plain data, without live objects."""

from __future__ import annotations

from dataclasses import dataclass


class Named(str):
    """The dotted name of a class or function that is a value in a config.

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
    """A string with variables in double braces, which mmengine substitutes when it reads the config file."""


@dataclass(frozen=True, repr=False)
class Expression:
    """An object of another type in a config: a NumPy number, a path, a date.

    Attributes:
        shown: The object's ``repr``.
        kind: The name of its class.
        text: A Python expression for an equal object; empty where none was found.
        modules: The modules that the expression imports.
    """

    shown: str
    kind: str
    text: str
    modules: tuple[str, ...]

    def __repr__(self) -> str:
        """The object's ``repr``, so that a config compares equal to one with the object."""
        return self.shown
