"""The spans of identifiers in source text.

Names in a syntax tree are normalized (NFKC), so a name may differ in length from its spelling in the source: ``ﬁ`` is
parsed as ``fi`` (https://docs.python.org/3/reference/lexical_analysis.html#identifiers).
"""

from __future__ import annotations

import unicodedata

from introspect_export.model import Span


def identifier_at(text: str, start: int) -> Span:
    """Return the span of the identifier that starts at an offset."""
    end = start
    while end < len(text) and _continues(text[end]):
        end += 1
    return Span(start, end)


def identifier_before(text: str, end: int) -> Span:
    """Return the span of the identifier that ends at an offset."""
    start = end
    while start > 0 and _continues(text[start - 1]):
        start -= 1
    return Span(start, end)


def next_identifier(text: str, at: int) -> Span:
    """Return the span of the next identifier at or after an offset; blanks, line breaks and commas are skipped."""
    while not _continues(text[at]):
        at += 1
    return identifier_at(text, at)


def normalized(text: str) -> str:
    """Return a text in the normal form (NFKC) in which Python compares identifiers."""
    return text if text.isascii() else unicodedata.normalize('NFKC', text)


def _continues(char: str) -> bool:
    return f'a{char}'.isidentifier()
