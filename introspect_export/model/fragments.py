"""Pieces of output: excerpts of original text with edits, and literal text between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from introspect_export.model.diagnostics import Diagnostic
from introspect_export.model.source_module import NameUse
from introspect_export.model.symbols import Place, Span, Symbol


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the characters ``start`` to ``end`` of a module's text by ``text``.

    Attributes:
        start: Where what is replaced starts.
        end: Where it ends.
        text: The replacement; with ``inner``, the text before it.
        inner: An excerpt of a module inside of the replacement; the linker renders it.
        after: The text after ``inner``.
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
        """This excerpt, and those in its edits."""
        return (self, *(edit.inner for edit in self.edits if edit.inner is not None))


@dataclass(frozen=True)
class Literal:
    """Text that is in no source file."""

    text: str


Piece = Excerpt | Literal


@dataclass(frozen=True)
class MemberOrigin:
    """Where a member of a flattened class came from.

    Attributes:
        name: The member's name in the flattened class.
        original: The name it had in its owner.
        owner: The class that defined it.
        place: Where.
    """

    name: str
    original: str
    owner: Symbol
    place: Place


@dataclass(frozen=True)
class FlatClass:
    """A class linearized to its library bases.

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
