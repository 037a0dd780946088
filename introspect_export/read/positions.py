"""Character spans of syntax tree nodes, also of those inside of f-strings.

``ast`` counts columns in UTF-8 bytes, and before Python 3.12 it places the nodes inside of an f-string wrongly
(PEP 701), so there the replacement fields
are found in the text and their expressions parsed once more.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from typing import Union

from introspect_export.model import Span
from introspect_export.read.children import children, reaches

Positioned = Union[ast.expr, ast.stmt, ast.alias, ast.arg, ast.keyword, ast.excepthandler]

# Where an f-string may begin: https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals
_FSTRING = re.compile(r"""(?:[fF][rR]?|[rR][fF])["']""")
_CLOSING = {'(': ')', '[': ']', '{': '}'}


def line_starts_of(text: str) -> tuple[int, ...]:
    """Return the character offset at which every line of ``text`` starts."""
    starts = [0]
    at = text.find('\n')
    while at != -1:
        starts.append(at + 1)
        at = text.find('\n', at + 1)
    return tuple(starts)


class Positions:
    """Turns nodes of one syntax tree into character spans of the text it was parsed from.

    Args:
        text: The text.
        tree: The tree ``ast.parse(text)`` gave.
    """

    def __init__(self, text: str, tree: ast.AST) -> None:
        self.text = text
        self.line_starts = line_starts_of(text)
        self._ascii = text.isascii()
        self._inner: dict[int, Span] = {}
        if sys.version_info < (3, 12):
            self._place_fstrings(tree)

    def span(self, node: Positioned) -> Span:
        """Return the span of a node; for a function or class without its decorators."""
        inner = self._inner.get(id(node))
        if inner is not None:
            return inner
        end_line, end_column = node.end_lineno, node.end_col_offset
        if end_line is None or end_column is None:
            raise ValueError(f'no end position: {ast.dump(node)}')
        return Span(self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column))

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a line (from 1) and a column in UTF-8 bytes."""
        start = self.line_starts[line - 1]
        if self._ascii:
            return start + column
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode())

    def decorated(self, node: ast.stmt) -> Span:
        """Return the span of a statement from its first decorator on."""
        span = self.span(node)
        decorators = getattr(node, 'decorator_list', [])
        if not decorators:
            return span
        at = self.text.rindex('@', 0, self.span(decorators[0]).start)
        return Span(at, span.end)

    def lines(self, pattern: re.Pattern[str]) -> list[int]:
        """Return the lines of the text (from 1) in which a pattern is found, in order."""
        return [bisect_right(self.line_starts, found.start()) for found in pattern.finditer(self.text)]

    def _place_fstrings(self, tree: ast.AST) -> None:
        lines = self.lines(_FSTRING)
        stack: list[ast.AST] = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.JoinedStr):
                self._place_joined(node, self.span(node))
            else:
                stack.extend([child for child in children(node) if reaches(child, lines)])

    def _place_joined(self, node: ast.JoinedStr, span: Span) -> None:
        self._inner[id(node)] = span
        fields = [field for body, raw in _fstring_bodies(self.text, span) for field in _fields(self.text, body, raw)]
        values = [value for value in node.values if isinstance(value, ast.FormattedValue)]
        self._place_fields(values, fields)

    def _place_fields(self, values: list[ast.FormattedValue], fields: list[tuple[Span, Span]]) -> None:
        if len(values) != len(fields):
            raise ValueError(f'{len(values)} replacement fields in the tree, {len(fields)} in the text')
        for value, (expression, spec) in zip(values, fields):
            self._inner[id(value)] = Span(expression.start, spec.end)
            self._place_expression(value.value, expression)
            if isinstance(value.format_spec, ast.JoinedStr):
                nested = [each for each in value.format_spec.values if isinstance(each, ast.FormattedValue)]
                self._place_fields(nested, list(_fields(self.text, spec, raw=True)))

    def _place_expression(self, node: ast.expr, span: Span) -> None:
        # In parentheses the expression may begin with blanks or break lines, as it may inside of a replacement field.
        source = f'({self.text[span.start : span.end]})'
        copy = ast.parse(source, mode='eval').body
        local = _PlainPositions(source)
        pairs: list[tuple[ast.AST, ast.AST]] = [(node, copy)]
        while pairs:
            original, parsed = pairs.pop()
            if isinstance(parsed, (ast.expr, ast.arg, ast.keyword)):
                found = local.span(parsed)
                # A tuple without parentheses of its own has taken those.
                shift = span.start - 1
                moved = Span(max(shift + found.start, span.start), min(shift + found.end, span.end))
                if isinstance(original, ast.JoinedStr):
                    self._place_joined(original, moved)
                    continue
                self._inner[id(original)] = moved
            pairs.extend(zip(ast.iter_child_nodes(original), ast.iter_child_nodes(parsed)))


class _PlainPositions(Positions):
    """Positions of a text of which no f-string is looked into."""

    def _place_fstrings(self, tree: ast.AST) -> None:
        return

    def __init__(self, text: str) -> None:
        super().__init__(text, ast.Module(body=[], type_ignores=[]))


def _fstring_bodies(text: str, span: Span) -> Iterator[tuple[Span, bool]]:
    """The insides of every f-string literal of an implicit concatenation, and whether the literal is a raw one."""
    # The literals may stand on several lines of an enclosing bracket.
    source = f'({text[span.start : span.end]}\n)'
    line_starts = line_starts_of(source)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.STRING:
            continue
        literal = token.string
        quote_at = min(at for at in (literal.find('"'), literal.find("'")) if at != -1)
        prefix = literal[:quote_at].lower()
        if 'f' not in prefix:
            continue
        width = 3 if literal[quote_at : quote_at + 3] in ('"""', "'''") else 1
        # tokenize counts columns in characters.
        start = line_starts[token.start[0] - 1] + token.start[1] + span.start - 1
        yield Span(start + quote_at + width, start + len(literal) - width), 'r' in prefix


def _fields(text: str, span: Span, raw: bool) -> Iterator[tuple[Span, Span]]:
    """The replacement fields of a literal: the span of each expression and of its format specification."""
    at = span.start
    while at < span.end:
        if text.startswith(('{{', '}}'), at) or (not raw and text.startswith('\\\\', at)):
            at += 2
        elif not raw and text.startswith('\\N{', at):
            at = text.index('}', at) + 1
        elif text[at] == '{':
            expression, spec = _field(text, at)
            yield expression, spec
            at = spec.end + 1
        else:
            at += 1


def _field(text: str, at: int) -> tuple[Span, Span]:
    """The expression and the format specification of the replacement field whose brace is at an offset."""
    stop = _expression_end(text, at + 1)
    spec_start = spec_end = _after_conversion(text, stop)
    if text[spec_start] == ':':
        spec_start += 1
        spec_end = _spec_end(text, spec_start)
    return Span(at + 1, stop), Span(spec_start, spec_end)


def _expression_end(text: str, at: int) -> int:
    """Where a replacement field's expression ends: at ``!r``, ``:``, ``=``, ``}`` outside of brackets and strings."""
    closing: list[str] = []
    while True:
        char = text[at]
        if char in '\'"':
            quote = char * 3 if text.startswith(char * 3, at) else char
            at = text.index(quote, at + len(quote)) + len(quote)
            continue
        if closing:
            if char == closing[-1]:
                closing.pop()
            elif char in _CLOSING:
                closing.append(_CLOSING[char])
        elif char in _CLOSING:
            closing.append(_CLOSING[char])
        elif text.startswith(('!=', '==', '<=', '>='), at):
            at += 1
        elif char in '!:}=':
            return at
        at += 1


def _after_conversion(text: str, at: int) -> int:
    """Skip ``=``, blanks and ``!r`` after an expression."""
    while text[at] not in ':}':
        at += 1
    return at


def _spec_end(text: str, at: int) -> int:
    """Where a format specification, which may hold replacement fields, ends."""
    while text[at] != '}':
        at = _field(text, at)[1].end + 1 if text[at] == '{' else at + 1
    return at
