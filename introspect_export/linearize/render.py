"""Renders pieces as text, without renaming globals."""

from __future__ import annotations

from collections.abc import Iterable

from introspect_export.linearize.global_names import Modules
from introspect_export.linearize.self_documenting_fields import keeping_shown
from introspect_export.model import Excerpt, Piece


def render(pieces: Iterable[Piece], modules: Modules) -> str:
    """Return the text of pieces.

    Args:
        pieces: The pieces.
        modules: The source of a module by name.

    Raises:
        ValueError: The module of a piece has no source.
    """
    out: list[str] = []
    for piece in pieces:
        if not isinstance(piece, Excerpt):
            out.append(piece.text)
            continue
        module = modules(piece.module)
        if module is None:
            raise ValueError(f'{piece.module} has no source')
        at = piece.span.start
        for edit in sorted(keeping_shown(module, piece.edits)):
            inner = render((edit.inner,), modules) if edit.inner else ''
            out += [module.text[at : edit.start], edit.text, inner, edit.after]
            at = edit.end
        out.append(module.text[at : piece.span.end])
    return ''.join(out)
