"""What a class body is made of: its statements, the names they bind and read, and how methods reach other classes.

Nothing here depends on which class the body is merged into, so a body is looked at once,
however many classes inherit it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from introspect_export.model import Span


@dataclass(frozen=True)
class Occurrence:
    """A name of the class's own namespace, read or bound directly in the class body.

    Attributes:
        name: The name, mangled.
        span: The identifier.
        binds: Whether it is bound (or deleted) here, not read.
        free: Whether it is read before the body binds it, or never bound there: a global, then.
    """

    name: str
    span: Span
    binds: bool
    free: bool = False


@dataclass(frozen=True)
class Receiver:
    """The object that an access is bound to.

    Attributes:
        kind: ``first`` (the first argument of the method, never rebound), ``type`` (``type(first)`` or
            ``first.__class__``), ``class`` (a class named by ``path``), or ``other``.
        text: The first argument's name.
        span: The expression, where it is written.
        path: For ``class``: the dotted name.
    """

    kind: str
    text: str = ''
    span: Span | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class CallShape:
    """A call of an accessed attribute.

    Attributes:
        first: What the first positional argument is, or None.
        first_span: Its span with what separates it from the next argument.
    """

    first: Receiver | None
    first_span: Span | None


@dataclass(frozen=True)
class Access:
    """An attribute looked up through ``super`` or through a dotted global name.

    Attributes:
        form: ``zero`` (``super().x``), ``two`` (``super(P, obj).x``), ``type`` (``super(type(self), self).x``),
            ``dotted`` (``P.x``), ``cell`` (``__class__.x``) or ``name`` (``__qualname__`` in the class body).
        span: The whole access, up to the end of the last attribute.
        path: For ``two`` the dotted name of the start class; for ``dotted`` and ``cell`` all of it.
        ends: For each name of a ``dotted`` or ``cell`` path where it ends; for what is ``asked`` where the call of
            ``super`` starts and ends, and the name behind it; for ``type`` where that expression starts and ends.
        attribute: For ``zero``, ``two`` and ``type`` the attribute, mangled.
        receiver: For ``zero``, ``two`` and ``type`` what it is bound to.
        context: ``load``, ``store`` or ``del``.
        call: The call that the access is the function of.
        direct: Whether ``super()`` without arguments means the method's own first argument here.
        level: ``class`` (evaluated in the class body), ``function`` (in a method), ``nested`` (in a class
            inside of it) or ``comprehension`` (in one of the class body).
        method: The name of the member whose function holds it, mangled; empty at class level.
        asked: The function that a constant name is handed to: ``getattr``, ``getattr-default`` or ``hasattr``; empty
            where the attribute is written out.
    """

    form: str
    span: Span
    path: tuple[str, ...]
    ends: tuple[int, ...]
    attribute: str
    receiver: Receiver
    context: str
    call: CallShape | None
    direct: bool
    level: str
    method: str
    asked: str = ''


class When(Enum):
    """When something in a body matters.

    Attributes:
        MERGED: Always, also in the class itself.
        MOVED: The body is an ancestor's.
        ELSEWHERE: The body is moved to another module.
        MANGLED: It is moved to a class in which private names are mangled.
        SHOWN: It shows the qualified name of the hazard's name, where that is a parent's method.
        NEVER: Not for merging; but the statement knows the name under which it binds something, which stays.
    """

    MERGED = auto()
    MOVED = auto()
    ELSEWHERE = auto()
    MANGLED = auto()
    SHOWN = auto()
    NEVER = auto()


@dataclass(frozen=True)
class Hazard:
    """Something in a body that moving it, or merging classes, could change the meaning of.

    Attributes:
        code: The refusal it leads to.
        message: What it is.
        offset: Where it is.
        when: When it matters.
        name: The name that it shows or binds.
    """

    code: str
    message: str
    offset: int
    when: When
    name: str = ''


@dataclass(frozen=True)
class Chunk:
    """One statement of a class body with its comments, or several that share a line.

    Attributes:
        index: Its place among the body's chunks.
        nodes: The statements.
        span: From the line after the previous chunk to the end of its last line.
        core: The statements alone, decorators included.
        kind: ``docstring``, ``blank`` (``pass``, ``...``, a constant), ``effect`` (it binds nothing), ``annotation``
            (``x: int``), ``def``, ``class``, ``simple`` or ``compound``.
        occurrences: The class-level names in it.
        accesses: The accesses in it.
        privates: Identifiers that Python mangles, with what they become.
        hazards: What could go wrong.
    """

    index: int
    nodes: tuple[ast.stmt, ...]
    span: Span
    core: Span
    kind: str
    occurrences: tuple[Occurrence, ...]
    accesses: tuple[Access, ...]
    privates: tuple[tuple[Span, str], ...]
    hazards: tuple[Hazard, ...]

    @property
    def binds(self) -> tuple[str, ...]:
        """The names that it binds or deletes in the class's namespace."""
        return tuple(dict.fromkeys(each.name for each in self.occurrences if each.binds))

    @property
    def uses_super(self) -> bool:
        """Whether a function in it only works for instances of its class: it uses ``super`` or the class cell."""
        return any(each.form not in ('dotted', 'name') for each in self.accesses)


@dataclass(frozen=True)
class Body:
    """A class body.

    Attributes:
        chunks: Its statements in order.
        binders: For each name bound at class level, the chunks that bind it.
        readers: For each name read at class level, the chunks that read it.
        indent: What its lines are indented by; None where the body stands on the header's line.
        identifiers: Every name and attribute in it: what a new name must not be.
        assigned: The attributes that methods assign on their first argument.
        changed: The attributes whose values methods change in place.
    """

    chunks: tuple[Chunk, ...]
    binders: Mapping[str, tuple[int, ...]]
    readers: Mapping[str, tuple[int, ...]]
    indent: str | None
    identifiers: frozenset[str]
    assigned: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
