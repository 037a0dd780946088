"""The parts of a class body: its statements, the names they bind and read, and their accesses to other classes.

Nothing here depends on the class that the body is merged into, so a body is analyzed once, however many classes
inherit it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from introspect_export.model import Span


@dataclass(frozen=True)
class Occurrence:
    """An occurrence of a name directly in a class body, where it is read or bound in the class's namespace.

    Attributes:
        name: The name, mangled.
        span: The identifier.
        binds: Whether it is bound (or deleted) here, not read.
        free: Whether it is read before the body binds it, or never bound there, so that it is a global.
    """

    name: str
    span: Span
    binds: bool
    free: bool = False


@dataclass(frozen=True)
class Receiver:
    """The object that an accessed attribute is bound to.

    Attributes:
        kind: ``first`` (the first argument of the method, never rebound), ``type`` (``type(first)`` or
            ``first.__class__``), ``class`` (a class named by ``path``), or ``other``.
        text: The first argument's name.
        span: The expression, if it is written in the source.
        path: For ``class`` the dotted name.
    """

    kind: str
    text: str = ''
    span: Span | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class CallShape:
    """A call of an accessed attribute.

    Attributes:
        first: The first positional argument, or None.
        first_span: Its span, including the separator before the next argument.
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
        path: For ``two`` the dotted name of the start class; for ``dotted`` and ``cell`` the whole path.
        ends: For ``dotted`` and ``cell`` the end of each name of the path; with ``asked`` the start and end of the
            ``super`` call and of the name after it; for ``type`` the start and end of that expression.
        attribute: For ``zero``, ``two`` and ``type`` the attribute, mangled.
        receiver: For ``zero``, ``two`` and ``type`` the object that the attribute is bound to.
        context: ``load``, ``store`` or ``del``.
        call: The call whose function is the access.
        direct: Whether ``super()`` without arguments would be bound to the method's own first argument here.
        level: ``class`` (evaluated in the class body), ``function`` (in a method), ``nested`` (in a nested class) or
            ``comprehension`` (in a comprehension of the class body).
        method: The name of the member whose function contains it, mangled; empty at class level.
        asked: The function that the attribute's name is passed to as a constant: ``getattr``, ``getattr-default`` or
            ``hasattr``; empty for an attribute access.
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
    """The condition under which a hazard applies.

    Attributes:
        MERGED: Always, also in the body of the class itself.
        MOVED: The body is an ancestor's.
        ELSEWHERE: The body is moved to another module.
        MANGLED: The body is moved to a class in which private names are mangled.
        SHOWN: The code reads the qualified name of the member with the hazard's name, and that is a parent's method.
        NEVER: It is no reason to refuse, but the statement depends on the name that it binds, which must not change.
    """

    MERGED = auto()
    MOVED = auto()
    ELSEWHERE = auto()
    MANGLED = auto()
    SHOWN = auto()
    NEVER = auto()


@dataclass(frozen=True)
class Hazard:
    """A piece of a body whose meaning may change if the body is moved or classes are merged.

    Attributes:
        code: The code of the refusal.
        message: The message of the refusal.
        offset: The offset in the module.
        when: The condition under which it applies.
        name: The name that it reads (``SHOWN``) or binds.
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
        index: Its index among the body's chunks.
        nodes: The statements.
        span: From the line after the previous chunk to the end of its last line.
        core: The statements alone, decorators included.
        kind: ``docstring``, ``blank`` (``pass``, ``...``, a constant), ``effect`` (it binds nothing), ``annotation``
            (``x: int``), ``def``, ``class``, ``simple`` or ``compound``.
        occurrences: The class-level names in it.
        accesses: The accesses in it.
        privates: The private identifiers, with their mangled names.
        hazards: The hazards in it.
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
        """Whether a function in it uses ``super`` or ``__class__``, and so only works for instances of its class."""
        return any(each.form not in ('dotted', 'name') for each in self.accesses)


@dataclass(frozen=True)
class Body:
    """A class body.

    Attributes:
        chunks: Its statements in order.
        binders: For each name bound at class level, the chunks that bind it.
        readers: For each name read at class level, the chunks that read it.
        indent: The indentation of its lines; None if the body is on the header's line.
        identifiers: Every name and attribute in it; new names must differ from them.
        assigned: The attributes that methods assign on their first argument.
        changed: The attributes whose values methods mutate.
    """

    chunks: tuple[Chunk, ...]
    binders: Mapping[str, tuple[int, ...]]
    readers: Mapping[str, tuple[int, ...]]
    indent: str | None
    identifiers: frozenset[str]
    assigned: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
