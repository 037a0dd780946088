"""Character spans of syntax tree nodes; ``ast`` reports columns in UTF-8 bytes."""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_right

from introspect_export.model import Span

Positioned = ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword | ast.excepthandler

# Where an f-string of several lines may begin: https://docs.python.org/3/reference/lexical_analysis.html#f-strings
_FSTRING = re.compile(r"""(?:[fF][rR]?|[rR][fF])(?:\"{3}|'{3})""")


def line_starts_of(text: str) -> tuple[int, ...]:
    """Return the character offset at which every line of ``text`` starts."""
    starts = [0]
    at = text.find('\n')
    while at != -1:
        starts.append(at + 1)
        at = text.find('\n', at + 1)
    return tuple(starts)


class Positions:
    """Maps nodes of one syntax tree to character spans of its source.

    Args:
        text: The source that the tree was parsed from.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_starts = line_starts_of(text)
        self._ascii = text.isascii()

    def span(self, node: Positioned) -> Span:
        """Return the span of a node; for a function or class without its decorators.

        Raises:
            ValueError: The node has no end position.
        """
        end_line, end_column = node.end_lineno, node.end_col_offset
        if end_line is None or end_column is None:
            raise ValueError(f'no end position: {ast.dump(node)}')
        start, end = self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)
        if isinstance(node, ast.Tuple) and self.text[start] == '{':
            # Before Python 3.12, a tuple without parentheses in an f-string has the span of its replacement field.
            return Span(start + 1, end - 1)
        return Span(start, end)

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a line (from 1) and a column in UTF-8 bytes."""
        start = self.line_starts[line - 1]
        if self._ascii:
            return start + column
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode())

    def decorated(self, node: ast.stmt) -> Span:
        """Return the span of a statement, including its decorators."""
        span = self.span(node)
        decorators = getattr(node, 'decorator_list', [])
        if not decorators:
            return span
        at = self.text.rindex('@', 0, self.span(decorators[0]).start)
        return Span(at, span.end)

    def lines(self, pattern: re.Pattern[str]) -> list[int]:
        """Return the lines of the text (from 1) on which matches of a pattern start, in order."""
        return [bisect_right(self.line_starts, found.start()) for found in pattern.finditer(self.text)]


def misplaced(text: str, tree: ast.AST) -> ast.expr | None:
    """The first expression with a wrong position in ``ast``, which occurs in some f-strings before Python 3.12.

    Affected are a multi-line f-string in a replacement field, with everything in it, and a tuple without parentheses in
    a field that begins with a line break. Only fields of triple-quoted f-strings can contain line breaks.
    """
    if sys.version_info >= (3, 12) or not _FSTRING.search(text):
        return None
    for field in ast.walk(tree):
        if isinstance(field, ast.FormattedValue):
            value = field.value
            if isinstance(value, ast.Tuple) and value.elts and value.lineno != value.elts[0].lineno:
                return value
            for inner in ast.walk(value):
                if isinstance(inner, ast.JoinedStr) and inner.lineno != inner.end_lineno:
                    return inner
    return None
