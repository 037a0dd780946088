"""Names in annotations that nobody evaluates, and that are looked up all the same."""

from __future__ import annotations

from introspect_export.model import NameUse
from introspect_export.model.liveset import Library, Target

_MARKS = ('ClassVar', 'InitVar', 'KW_ONLY')
"""https://docs.python.org/3/library/dataclasses.html: where an annotation is text, a dataclass looks its first name up
among its module's globals, to tell whether it is one of these."""


def is_looked_up(use: NameUse, target: Target) -> bool:
    """Whether a name in an annotation that is text must be there when its class is made.

    Args:
        use: The name.
        target: What it means.
    """
    if not use.in_class_scope or not isinstance(target, Library):
        return False
    named = target.attribute if target.attribute is not None else next(iter(use.attributes), '')
    return named in _MARKS
