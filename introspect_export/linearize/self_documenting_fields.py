"""Keeps the text of self-documenting replacement fields, ``f'{x.y=}'``, when an edit changes their expression.

The text from the brace up to the ``=``, including blanks, is a part of the string's value
(https://docs.python.org/3/reference/lexical_analysis.html#f-strings). If an edit changes that text, the original is
inserted as a literal before the field, and the ``=`` is removed.
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

# Every source with such a field matches; most do not, and need not be searched.
_SHOWS = re.compile(r'=\s*(![rsa]\s*)?[:}]')
# The text between an expression and the ``=``.
_BEHIND = re.compile(r'(?:[\s),]|#[^\n]*)*')
_BLANKS = re.compile(r'\s*')


@dataclass(frozen=True)
class ShownField:
    """A self-documenting replacement field.

    Attributes:
        shown: The span of the text that becomes a part of the value, including the ``=`` and blanks.
        sign: The span of the ``=`` and the blanks after it.
        bare: Whether neither a conversion nor a format specification follows, so that ``repr`` is applied.
        known: Whether the value has exactly that text; Python 3.12 and 3.13 cut it off at ``!=``.
    """

    shown: Span
    sign: Span
    bare: bool
    known: bool


def keeping_shown(module: SourceModule, edits: Sequence[Edit]) -> list[Edit]:
    """Return edits, with additional ones that keep the text of self-documenting fields.

    Args:
        module: The module that the edits apply to.
        edits: The edits.

    Raises:
        InternalError: A field is edited whose text in the value is not known.
    """
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
    """The field of a value, if it is self-documenting; the parser appends its text to the constant before it."""
    if not isinstance(value, ast.FormattedValue):
        return None
    text, end = module.text, module.positions.span(value.value).end
    sign = _end(_BEHIND, text, end)
    if text[sign] != '=':
        return None
    behind = _end(_BLANKS, text, sign + 1)
    # Before Python 3.12, ``ast`` gives a field the position of the whole string, so the brace is searched for.
    shown = Span(text.rindex('{', 0, module.positions.span(value.value).start) + 1, behind)
    constant = before.value if isinstance(before, ast.Constant) else ''
    return ShownField(shown, Span(sign, behind), text[behind] == '}', str(constant).endswith(module.cut(shown)))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _literal(shown: str) -> str:
    """A text as a part of an f-string.

    Before Python 3.12, a field contains neither backslashes nor the quotes of its string, so only braces are escaped.
    Since then it may contain both, and also string literals with any quotes, so the text can be in such a literal.
    """
    if sys.version_info >= (3, 12) and any(each in shown for each in '\\\'"\n'):
        return f'{{{shown!r}}}'
    return shown.replace('{', '{{').replace('}', '}}')
