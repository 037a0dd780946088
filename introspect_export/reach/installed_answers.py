"""Expressions in live text that ask for an installed origin, and their values: the package does not need the origin.

``find_spec('lib') is not None`` is True while ``lib`` is exported, and False where only the package is installed; the
branch that was observed would not be taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from introspect_export.model import Edit, NameUse, SourceModule, Span, World


def installed_answers(module: SourceModule, uses: Sequence[NameUse], span: Span, world: World) -> list[Edit]:
    """The edits that replace such expressions by their values.

    Args:
        module: The module of the text.
        uses: The uses of global names in the text; a function that a local name refers to is unknown.
        span: The text.
        world: Has the values.
    """
    found = []
    for query in (each for part in module.overlapping(span) for each in part.queries if span.holds(each.span)):
        if any(use.span.start == query.base for use in uses):
            value = world.installed(module.name, query.function, query.name)
            if value is not None:
                text = repr(not value if query.negated else value)
                found.append(Edit(query.span.start, query.span.end, text))
    return found


def outside(edits: Sequence[Edit], uses: Sequence[NameUse]) -> Iterator[NameUse]:
    """The uses that no edit replaces."""
    return (use for use in uses if not any(edit.start <= use.span.start < edit.end for edit in edits))


__all__ = ['installed_answers', 'outside']
