"""The values a plan consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from introspect_export.model import Diagnostic

Member = tuple[int, str]
"""A definition: the position of its class in the MRO, and its name there."""

Call = tuple[int, int, int]
"""An access in a body: the position of the class, the statement, and the place among the statement's accesses."""


@dataclass(frozen=True)
class Target:
    """What an access becomes.

    Attributes:
        kind: ``keep`` (the text stays), ``super`` (``super().x``, bound as before), ``super-call`` (the same, the first
            argument gone), ``instance`` (``self.<member>``), ``instance-call`` (the same with the first argument gone),
            ``class`` (``__class__.<member>``), ``bound`` (``__class__.<member>.__get__(self)``), ``namespace`` (the
            bare name, in the class body), ``asked`` (the object and the name that ``getattr`` is given) or ``constant``
            (a text).
        member: The definition meant, for all but the first three.
        length: How many names of a dotted path the replaced text covers.
        text: For ``constant``: the text.
        guarded: Whether it is so for instances of the very class alone, and the text stays for those of subclasses.
        start: For ``super``: the class that it starts at, where that is not the one the text will stand in: the
            position of the class whose header names it, and the place there.
    """

    kind: str
    member: Member | None = None
    length: int = 0
    text: str = ''
    start: tuple[int, int] | None = None
    guarded: bool = False


KEEP = Target('keep')


@dataclass(frozen=True)
class KeptName:
    """How a kept definition is called.

    Attributes:
        text: The name its own statements bind.
        alias: A second name that is given to it afterwards, or None.
        bare: Whether ``abc.abstractmethod`` is taken off.
    """

    text: str
    alias: str | None = None
    bare: bool = False

    @property
    def reached(self) -> str:
        """The name under which super calls and parent calls reach it."""
        return self.alias or self.text


@dataclass(frozen=True)
class Refusal:
    """Why something is not merged.

    Attributes:
        diagnostic: What is said of it.
        owner: The position of the ancestor that it is about, so that it is none where that one stays; 0 where nothing
            but the whole chain will do.
    """

    diagnostic: Diagnostic
    owner: int = 0


@dataclass(frozen=True)
class Plan:
    """What becomes of every statement of every merged class.

    Attributes:
        chunks: For each position, the kept chunks in order.
        names: Every kept definition's name.
        targets: What every access in a kept chunk becomes: by position, chunk and place among its accesses.
        order: The positions of the classes in the order in which their members stand.
        bases: The bases, each with the position of the class whose header has its expression and its place there.
        metaclass: The position of the class whose ``metaclass=`` has to be written, or None.
        refusals: Why nothing is merged; empty where everything is.
        inlined: The calls that the called definition's body is written out for.
        shown: The functions whose qualified name something looks at, with that name.
    """

    chunks: Mapping[int, tuple[int, ...]]
    names: Mapping[Member, KeptName]
    targets: Mapping[Call, Target]
    order: tuple[int, ...]
    bases: tuple[tuple[int, int], ...]
    metaclass: int | None
    refusals: tuple[Refusal, ...]
    inlined: Mapping[Call, Member] = field(default_factory=dict)
    shown: Mapping[Member, str] = field(default_factory=dict)

    @property
    def leaf_first(self) -> bool:
        """Whether the class's own members come before those of its ancestors."""
        return self.order[0] == 0
