"""Pieces of output text: excerpts of original source with edits, and literal text between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.source_module import NameUse
from introspect_export.model.symbols import Place, Span, Symbol


@dataclass(frozen=True, order=True)
class Edit:
    """A replacement of the characters ``start`` to ``end`` of a module's text by ``text``.

    Attributes:
        start: The offset of the first character replaced.
        end: The offset after the last one.
        text: The replacement; with ``inner``, the part of it before ``inner``.
        inner: An excerpt, perhaps of another module, that is part of the replacement; the linker renders it.
        after: The part of the replacement after ``inner``.
    """

    start: int
    end: int
    text: str
    inner: Excerpt | None = field(default=None, compare=False)
    after: str = field(default='', compare=False)


@dataclass(frozen=True)
class Excerpt:
    """A span of a module's text with edits, and the global names that its remaining text uses.

    The linker renders it, with an edit for each use whose name differs in the output module.

    Attributes:
        module: The module of the text, in whose globals ``uses`` are looked up.
        span: The span of that module's text.
        edits: Replacements inside of the span, not overlapping; positions are those of the module's text.
        uses: The name uses inside of the span that no edit replaces.
    """

    module: str
    span: Span
    edits: tuple[Edit, ...]
    uses: tuple[NameUse, ...]

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        """This excerpt, and those in its edits' replacements."""
        return (self, *(edit.inner for edit in self.edits if edit.inner is not None))


@dataclass(frozen=True)
class Literal:
    """Generated text, which is in no source file."""

    text: str


Piece = Excerpt | Literal


@dataclass(frozen=True)
class MemberOrigin:
    """The origin of a member of a flattened class.

    Attributes:
        name: The member's name in the flattened class.
        original: Its name in the class that defined it.
        owner: The class that defined it.
        place: The line of its definition.
    """

    name: str
    original: str
    owner: Symbol
    place: Place


@dataclass(frozen=True)
class FlatClass:
    """A class with its origin ancestors merged into it.

    Attributes:
        symbol: The class.
        merged: The origin ancestors merged into it, in MRO order, without the class itself.
        bases: Its bases after flattening.
        pieces: The output text of the class statement, decorators included, in order.
        members: The origin of every member.
        diagnostics: Refusals and notes. With a refusal, ``merged`` is empty and ``pieces`` is the original text.
    """

    symbol: Symbol
    merged: tuple[Symbol, ...]
    bases: tuple[Symbol, ...]
    pieces: tuple[Piece, ...]
    members: tuple[MemberOrigin, ...]
    diagnostics: tuple[Diagnostic, ...]
