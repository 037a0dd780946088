"""Names in annotations that nobody evaluates, and that are looked up all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.model import NameUse, SourceModule, Symbol
from introspect_export.model.liveset import Defined, Library, OriginModule, Target
from introspect_export.reach.unknown_arguments import call_at

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


_EVALUATES = 'get_type_hints'
"""https://docs.python.org/3/library/typing.html#typing.get_type_hints: it looks annotations up that are text."""
_OF_CLASSES = ('__init_subclass__', '__class_getitem__', '__new__')


class Annotations:
    """The names in annotations that are text, kept back until something live evaluates such annotations."""

    def __init__(self) -> None:
        self._kept: list[tuple[SourceModule, NameUse, Target, Symbol]] = []
        self._of_classes = self._of_functions = False

    def keep(self, module: SourceModule, use: NameUse, target: Target, owner: Symbol) -> None:
        """Keep a name back."""
        if isinstance(target, (Defined, Library, OriginModule)):  # What is not there the original cannot evaluate.
            self._kept.append((module, use, target, owner))

    def see(self, module: SourceModule, use: NameUse, target: Target) -> None:
        """Take note of a use of what may evaluate annotations."""
        if not isinstance(target, Library) or target.module not in ('typing', 'typing_extensions'):
            return
        if (target.attribute or '.'.join(use.attributes)) == _EVALUATES:
            self._of_classes = True
            self._of_functions = self._of_functions or not _is_given_a_class(module, use)

    def due(self) -> Iterator[tuple[SourceModule, NameUse, Symbol]]:
        """What is evaluated, as far as is known, each name once."""
        kept, self._kept = self._kept, []
        for module, use, target, owner in kept:
            if self._of_functions or (self._of_classes and use.in_class_scope):
                yield module, use, owner
            else:
                self._kept.append((module, use, target, owner))


def _is_given_a_class(module: SourceModule, use: NameUse) -> bool:
    """Whether a function is called with what a class method is called with: its class."""
    for part in module.overlapping(use.span):
        found = call_at(module.tree.body[part.index], module, use.span.start, ())
        given = found[0].args[0] if found is not None and found[0].args else None
        inner = found[1][-1] if found is not None and found[1] else None
        if inner is not None and isinstance(given, ast.Name) and inner.args.args:
            decorated = any(isinstance(each, ast.Name) and each.id == 'classmethod' for each in inner.decorator_list)
            return given.id == inner.args.args[0].arg and (decorated or inner.name in _OF_CLASSES)
    return False
