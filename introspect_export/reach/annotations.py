"""Names in annotations whose evaluation is postponed (PEP 563) that are nevertheless needed at run time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from introspect_export.model import NameUse, SourceModule
from introspect_export.model.liveset import Defined, Library, OriginModule, Owner, Target
from introspect_export.reach.unknown_arguments import call_at

_MARKS = ('ClassVar', 'InitVar', 'KW_ONLY')
"""Annotations with a special meaning for dataclasses: https://docs.python.org/3/library/dataclasses.html.

If an annotation is a string, ``dataclasses`` looks its first name up in the module's globals to detect these.
"""


def is_looked_up(use: NameUse, target: Target) -> bool:
    """Whether a name in a postponed annotation is looked up when its class is created.

    Args:
        use: The use of the name.
        target: What the name resolves to.
    """
    if not use.in_class_scope or not isinstance(target, Library):
        return False
    named = target.attribute if target.attribute is not None else next(iter(use.attributes), '')
    return named in _MARKS


_EVALUATES = 'get_type_hints'
"""A function that evaluates string annotations: https://docs.python.org/3/library/typing.html#typing.get_type_hints."""
# Methods whose first argument is the class without a ``classmethod`` decorator.
_OF_CLASSES = ('__init_subclass__', '__class_getitem__', '__new__')


class Annotations:
    """The names in postponed annotations, recorded until live code is found that evaluates such annotations."""

    def __init__(self) -> None:
        self._kept: list[tuple[SourceModule, NameUse, Target, Owner]] = []
        self._of_classes = self._of_functions = False

    def keep(self, module: SourceModule, use: NameUse, target: Target, owner: Owner) -> None:
        """Record a name in an annotation."""
        # Builtins need no import, and a name whose import fails cannot be evaluated in the original either.
        if isinstance(target, (Defined, Library, OriginModule)):
            self._kept.append((module, use, target, owner))

    def see(self, module: SourceModule, use: NameUse, target: Target) -> None:
        """Take note of a use of a name if it is ``typing.get_type_hints``, which evaluates annotations."""
        if not isinstance(target, Library) or target.module not in ('typing', 'typing_extensions'):
            return
        if (target.attribute or '.'.join(use.attributes)) == _EVALUATES:
            self._of_classes = True
            self._of_functions = self._of_functions or not _is_called_with_class(module, use)

    def due(self) -> Iterator[tuple[SourceModule, NameUse, Owner]]:
        """Yield the recorded names that the code seen so far may evaluate, each once over all calls."""
        kept, self._kept = self._kept, []
        for module, use, target, owner in kept:
            if self._of_functions or (self._of_classes and use.in_class_scope):
                yield module, use, owner
            else:
                self._kept.append((module, use, target, owner))


def _is_called_with_class(module: SourceModule, use: NameUse) -> bool:
    """Whether a function is called with the first argument of the class method around it, which is a class."""
    for part in module.overlapping(use.span):
        found = call_at(module.tree.body[part.index], module, use.span.start, ())
        argument = found[0].args[0] if found is not None and found[0].args else None
        inner = found[1][-1] if found is not None and found[1] else None
        if inner is not None and isinstance(argument, ast.Name) and inner.args.args:
            decorated = any(isinstance(each, ast.Name) and each.id == 'classmethod' for each in inner.decorator_list)
            return argument.id == inner.args.args[0].arg and (decorated or inner.name in _OF_CLASSES)
    return False
