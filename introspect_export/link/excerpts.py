"""Excerpts of original text in output modules, and the edits that linking makes in them."""

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
    NameUse,
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
    """A part of an output module.

    Attributes:
        part: The part of the origin module.
        pieces: The pieces of its output text.
    """

    part: Part
    pieces: tuple[Piece, ...]

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        """The excerpts among the pieces, with those in their edits' replacements."""
        return tuple(each for piece in self.pieces if isinstance(piece, Excerpt) for each in piece.excerpts)


def part_texts(module: SourceModule, live: LiveSet) -> list[PartText]:
    """Return the live parts of a module, in order."""
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
    """All words of a span that could be identifiers, also in strings and comments."""
    return set(_WORD.findall(normalized(module.cut(span))))


def nested_imports(module: SourceModule, excerpt: Excerpt) -> dict[Span, list[ImportedName]]:
    """The import statements inside of an excerpt that no edit has replaced, with the names that each binds."""
    found: dict[Span, list[ImportedName]] = {}
    for part in module.overlapping(excerpt.span):
        for name in part.imports:
            if excerpt.span.holds(name.statement) and not _edited(excerpt, name.statement.start):
                found.setdefault(name.statement, []).append(name)
    return found


def type_edits(module: SourceModule, excerpt: Excerpt, texts: dict[tuple[str, int], str]) -> Iterator[Edit]:
    """Edits of the string constants that are a scope, or name a registered type with a scope.

    A type without a scope is not changed: it is resolved by the scope in force, in the package as in the original.

    Args:
        module: The module of the text.
        excerpt: The excerpt.
        texts: By module and offset, the new content of a string.

    Raises:
        InternalError: The string is written with escapes or in several parts.
    """
    for part in module.overlapping(excerpt.span):
        for string in part.strings:
            text = texts.get((module.name, string.span.start))
            unscoped = string.role == 'type' and '.' not in string.value
            if text is None or text == string.value or unscoped or not excerpt.span.holds(string.span):
                continue
            if not _edited(excerpt, string.span.start):
                quoted = module.cut(string.span)
                if quoted.count(string.value) != 1:
                    raise InternalError(f'{module.place(string.span.start)}: cannot rewrite the type name in {quoted}')
                yield Edit(string.span.start, string.span.end, quoted.replace(string.value, text))


def wrapping(excerpt: Excerpt, spans: Sequence[Span], function: str) -> Iterator[Edit]:
    """Edits that wrap expressions in a call of a function."""
    for span in spans:
        if excerpt.span.holds(span) and not _edited(excerpt, span.start):
            yield Edit(span.start, span.start, f'{function}(')
            yield Edit(span.end, span.end, ')')


def module_edits(
    module: SourceModule, excerpt: Excerpt, live: LiveSet, importer: Importer, path: str
) -> Iterator[Edit]:
    """Edits of ``import_module``'s constant arguments: the package's name is only known at run time."""
    for part in module.overlapping(excerpt.span):
        for string in part.strings:
            name = live.modules_by_name.get((module.name, string.span.start))
            if name is not None and excerpt.span.holds(string.span) and not _edited(excerpt, string.span.start):
                yield Edit(string.span.start, string.span.end, importer.named(path, name))


def answer_edits(excerpt: Excerpt, live: LiveSet) -> Iterator[Edit]:
    """Edits of expressions that ask for an installed origin."""
    for edit in live.answers.get(excerpt.module, ()):
        if excerpt.span.holds(Span(edit.start, edit.end)) and not _edited(excerpt, edit.start):
            yield edit


def renaming(module: SourceModule, use: NameUse, end: int, name: str) -> Edit:
    """The edit that gives a use of a name, up to ``end``, another name.

    ``X += 1`` binds the old name, and so first gets the value of the new one by a statement of its own.
    """
    if use.role != 'augmented' or use.deferred:
        return Edit(use.span.start, end, name)
    line = module.text.rfind('\n', 0, use.span.start) + 1
    before = module.text[line : use.span.start]
    between = f'\n{before}' if not before.strip() else '; '
    return Edit(use.span.start, use.span.start, f'{use.name} = {name}{between}')


def _edited(excerpt: Excerpt, offset: int) -> bool:
    return any(edit.start <= offset < edit.end for edit in excerpt.edits)


def apply_edits(module: SourceModule, span: Span, edits: list[Edit]) -> str:
    """Return a span's text with edits applied.

    Args:
        module: The module of the text.
        span: The span.
        edits: The edits, in any order.

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
    'answer_edits',
    'apply_edits',
    'module_edits',
    'nested_imports',
    'part_texts',
    'renaming',
    'type_edits',
    'words_of',
    'wrapping',
]
