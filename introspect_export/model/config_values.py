"""Values of a config that are no plain data: what stands for them once nothing is live any more."""

from __future__ import annotations

from dataclasses import dataclass


class Named(str):
    """The dotted name of a class or function that a config holds.

    Attributes:
        exact: Whether the name leads to that very object.
    """

    exact: bool

    def __new__(cls, name: str, exact: bool) -> Named:
        """Make one."""
        made = super().__new__(cls, name)
        made.exact = exact
        return made


class Template(str):
    """A text in which mmengine is to put the names that are in double braces, when it reads the file."""


@dataclass(frozen=True, repr=False)
class Expression:
    """An object that a config holds: a number of a library, a path, a date.

    Attributes:
        shown: Its ``repr``.
        kind: Its class.
        text: Python source that makes one that is the same; empty where none was found.
        modules: What that imports.
    """

    shown: str
    kind: str
    text: str
    modules: tuple[str, ...]

    def __repr__(self) -> str:
        """As the object itself is shown, so that a config is compared with one that holds the object."""
        return self.shown
