"""The data classes that a plan consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from introspect_export.model import Diagnostic

Member = tuple[int, str]
"""A definition: the position of its class in the MRO, and its name in that class."""

Call = tuple[int, int, int]
"""An access: the position of the class, the index of the chunk, and the index among the chunk's accesses."""


@dataclass(frozen=True)
class Target:
    """The replacement of an access.

    Attributes:
        kind: ``keep`` (the text stays), ``super`` (``super().x``, bound as before), ``super-call`` (the same, the first
            argument gone), ``instance`` (``self.<member>``), ``instance-call`` (the same with the first argument gone),
            ``class`` (``__class__.<member>``), ``bound`` (``__class__.<member>.__get__(self)``), ``namespace`` (the
            bare name, in the class body), ``asked`` (the object and the name passed to ``getattr``) or ``constant``
            (a text).
        member: The definition that the access resolves to, for all but the first three.
        length: The number of names of a dotted path that are replaced.
        text: For ``constant`` the text.
        guarded: Whether the replacement applies only to instances of the exact class, and the original access is kept
            for those of subclasses.
        start: For ``super`` the class to start at, if it is not the flattened class: the position of a class whose
            header names it, and the index among that header's bases.
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
    """The names of a kept definition.

    Attributes:
        text: The name that its own statements bind.
        alias: A second name that is assigned after them, or None.
        bare: Whether its ``abc.abstractmethod`` decorator is removed.
    """

    text: str
    alias: str | None = None
    bare: bool = False

    @property
    def reached(self) -> str:
        """The name by which calls through ``super`` and parents' names reach it."""
        return self.alias or self.text


@dataclass(frozen=True)
class Refusal:
    """A reason not to merge an ancestor, or the whole chain.

    Attributes:
        diagnostic: The reason.
        owner: The position of the ancestor that causes it: without that one, the others can be merged. 0 if the whole
            chain must be kept.
    """

    diagnostic: Diagnostic
    owner: int = 0


@dataclass(frozen=True)
class Plan:
    """What is done with every statement of every merged class.

    Attributes:
        chunks: For each position the kept chunks, in order.
        names: The names of every kept definition.
        targets: The replacement of every access in a kept chunk.
        order: The positions of the classes in the order in which their members are written.
        bases: The bases, each as the position of a class whose header has the expression and the index of the base.
        metaclass: The position of the class whose ``metaclass=`` is written, or None.
        refusals: The reasons not to merge; if there are any, the rest of the plan is not used.
        inlined: The calls that are replaced by the body of the called definition.
        shown: The functions whose qualified name is read by code, with that name.
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
