"""Replacement fields that show their own text, ``f'{x.y=}'``: an edit inside of one must not change what it shows.

https://docs.python.org/3/reference/lexical_analysis.html#f-strings: the text from the brace up to the ``=``, blanks
included, is part of the value. Where an edit changes that text, it is written out in front of the field as it was.
"""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from introspect_export.linearize.memo import per_module
from introspect_export.model import Edit, InternalError, SourceModule, Span

# What must be in a text that has such a field; most have none.
_SHOWS = re.compile(r'=\s*(![rsa]\s*)?[:}]')
# What stands between an expression and the sign.
_BEHIND = re.compile(r'(?:[\s),]|#[^\n]*)*')
_BLANKS = re.compile(r'\s*')


@dataclass(frozen=True)
class ShownField:
    """A field that shows its text.

    Attributes:
        shown: The text that it shows, the sign and the blanks around it included.
        sign: The sign and the blanks behind it.
        bare: Whether neither a conversion nor a format specification follows: then ``repr`` is applied.
        known: Whether the value has that text; Python 3.12 and 3.13 cut it off at ``!=``.
    """

    shown: Span
    sign: Span
    bare: bool
    known: bool


def keeping_shown(module: SourceModule, edits: Sequence[Edit]) -> list[Edit]:
    """Return edits with others that keep what replacement fields show of their own text."""
    added: list[Edit] = []
    starts = sorted(edit.start for edit in edits)
    for field in _shown_fields(module):
        at = bisect_left(starts, field.shown.start)
        if at < len(starts) and starts[at] < field.sign.start:
            brace = field.shown.start - 1
            if not field.known:
                raise InternalError(f'{module.place(brace)}: it cannot be told what the replacement field shows')
            added.append(Edit(brace, brace, _literal(module.cut(field.shown))))
            added.append(Edit(field.sign.start, field.sign.end, '!r' if field.bare else ''))
    return [*edits, *added] if added else list(edits)


@per_module
def _shown_fields(module: SourceModule) -> tuple[ShownField, ...]:
    if not _SHOWS.search(module.text):
        return ()
    joined = (node for node in ast.walk(module.tree) if isinstance(node, ast.JoinedStr))
    fields = (_field(module, *pair) for node in joined for pair in zip([None, *node.values], node.values, strict=False))
    return tuple(sorted((each for each in fields if each is not None), key=lambda each: each.shown))


def _field(module: SourceModule, before: ast.expr | None, value: ast.expr) -> ShownField | None:
    """The field of a value, if it shows its text: the text is the end of the constant in front of it, then."""
    if not isinstance(value, ast.FormattedValue):
        return None
    text, end = module.text, module.positions.span(value.value).end
    sign = _end(_BEHIND, text, end)
    if text[sign] != '=':
        return None
    behind = _end(_BLANKS, text, sign + 1)
    # Before Python 3.12 a field has the place of the string that it stands in.
    shown = Span(text.rindex('{', 0, module.positions.span(value.value).start) + 1, behind)
    constant = before.value if isinstance(before, ast.Constant) else ''
    return ShownField(shown, Span(sign, behind), text[behind] == '}', str(constant).endswith(module.cut(shown)))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _literal(shown: str) -> str:
    """A text as part of an f-string.

    Before Python 3.12 a field has neither a backslash nor the quotes of the string around it; since then it may have
    them, and a string of any quotes.
    """
    if sys.version_info >= (3, 12) and any(each in shown for each in '\\\'"\n'):
        return f'{{{shown!r}}}'
    return shown.replace('{', '{{').replace('}', '}}')
