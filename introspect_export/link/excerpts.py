"""Excerpts of original text as they will stand in the output, and the edits that the linking itself makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from introspect_export.linearize.self_documenting_fields import keeping_shown
from introspect_export.link.import_statements import Importer
from introspect_export.model import (
    Edit,
    Excerpt,
    ImportedName,
    InternalError,
    Literal,
    Part,
    PartKind,
    Piece,
    SourceModule,
    Span,
)
from introspect_export.model.liveset import LiveSet
from introspect_export.read.identifiers import normalized

_WORD = re.compile(r'[^\W\d]\w*')


@dataclass(frozen=True)
class PartText:
    """One part of an output module: the pieces of its text.

    Attributes:
        part: The part.
        pieces: Its text.
    """

    part: Part
    pieces: tuple[Piece, ...]

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        """The pieces that are text of some module, with those that their edits bring in."""
        return tuple(each for piece in self.pieces if isinstance(piece, Excerpt) for each in piece.excerpts)


def part_texts(module: SourceModule, live: LiveSet) -> list[PartText]:
    """Return the live parts of a module, in order, each as pieces."""
    result = []
    for index in live.parts[module.name]:
        part = module.parts[index]
        result.append(PartText(part, tuple(_pieces(module, part, live))))
    return result


def _pieces(module: SourceModule, part: Part, live: LiveSet) -> Iterator[Piece]:
    flat = None
    if part.kind is PartKind.CLASS:
        flat = next(
            (live.flat[s] for s in live.flat if s.module == module.name and s.qualname == part.defines[0]), None
        )
    if flat is None or not flat.merged:
        yield Excerpt(module.name, part.span, (), part.uses)
    else:
        yield from flat.pieces


def words_of(module: SourceModule, span: Span) -> set[str]:
    """Every identifier-like word of a span of text."""
    return set(_WORD.findall(normalized(module.cut(span))))


def nested_imports(module: SourceModule, excerpt: Excerpt) -> dict[Span, list[ImportedName]]:
    """The import statements inside of an excerpt that no edit has removed, with the names each binds."""
    found: dict[Span, list[ImportedName]] = {}
    for part in module.overlapping(excerpt.span):
        for name in part.imports:
            if excerpt.span.holds(name.statement) and not _edited(excerpt, name.statement.start):
                found.setdefault(name.statement, []).append(name)
    return found


def type_edits(module: SourceModule, excerpt: Excerpt, texts: dict[tuple[str, int], str]) -> Iterator[Edit]:
    """Edits of the string constants that name a registered type by a scope, or a scope.

    A type without a scope before it stays so: where it is looked up from decides what it means, there as here.
    """
    for part in module.overlapping(excerpt.span):
        for string in part.strings:
            text = texts.get((module.name, string.span.start))
            if text is None or string.value in (text, text.rpartition('.')[2]) or not excerpt.span.holds(string.span):
                continue
            if not _edited(excerpt, string.span.start):
                quoted = module.cut(string.span)
                if quoted.count(string.value) != 1:
                    raise InternalError(f'{module.place(string.span.start)}: cannot rewrite the type name in {quoted}')
                yield Edit(string.span.start, string.span.end, quoted.replace(string.value, text))


def wrapping(excerpt: Excerpt, spans: Sequence[Span], function: str) -> Iterator[Edit]:
    """Edits that hand the value of expressions to a function."""
    for span in spans:
        if excerpt.span.holds(span) and not _edited(excerpt, span.start):
            yield Edit(span.start, span.start, f'{function}(')
            yield Edit(span.end, span.end, ')')


def module_edits(
    module: SourceModule, excerpt: Excerpt, live: LiveSet, importer: Importer, path: str
) -> Iterator[Edit]:
    """Edits of the string constants that ``import_module`` is given: the package knows its own name when it runs."""
    for part in module.overlapping(excerpt.span):
        for string in part.strings:
            name = live.modules_by_name.get((module.name, string.span.start))
            if name is not None and excerpt.span.holds(string.span) and not _edited(excerpt, string.span.start):
                yield Edit(string.span.start, string.span.end, importer.named(path, name))


def _edited(excerpt: Excerpt, offset: int) -> bool:
    return any(edit.start <= offset < edit.end for edit in excerpt.edits)


def apply_edits(module: SourceModule, span: Span, edits: list[Edit]) -> str:
    """Return a span's text with edits applied.

    Raises:
        InternalError: Two edits overlap, or one is outside of the span.
    """
    result: list[str] = []
    at = span.start
    for edit in sorted(keeping_shown(module, edits)):
        if edit.start < at or edit.end > span.end:
            raise InternalError(f'{module.place(edit.start)}: overlapping edit {edit!r}')
        result += (module.text[at : edit.start], edit.text)
        at = edit.end
    result.append(module.text[at : span.end])
    return ''.join(result)


__all__ = [
    'Literal',
    'PartText',
    'apply_edits',
    'module_edits',
    'nested_imports',
    'part_texts',
    'type_edits',
    'words_of',
    'wrapping',
]
