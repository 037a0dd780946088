"""Ancestors that a class's own text asks for as values: ``isinstance(x, Parent)`` must go on answering yes.

A virtual subclass does where the ancestor is an abstract base class; any other, and one that is handed to a function,
which may compare its members with a descendant's, has to stay an ancestor.
"""

from __future__ import annotations

import inspect
import re
from abc import ABCMeta
from collections.abc import Iterator

from introspect_export.linearize.live_modules import MISSING, is_builtin, value_of
from introspect_export.linearize.locate import index_of
from introspect_export.linearize.names import Modules
from introspect_export.model import Diagnostic, Excerpt, FlatClass, NameUse, SourceModule
from introspect_export.observe.chains import symbol_of

# The start of a call that asks the class itself for an attribute of its own.
_LOOKING = re.compile(r'(?<![\w.])(getattr|hasattr)\(\s*\Z')


def asked_for(cls: type, flat: FlatClass, modules: Modules) -> Iterator[tuple[type, NameUse]]:
    """Return the merged ancestors that the flattened text has as values, with where it does."""
    merged = {each for each in cls.__mro__[1:] if symbol_of(each) in flat.merged}
    for piece in flat.pieces:
        if not isinstance(piece, Excerpt):
            continue
        for use in piece.uses:
            value = value_of(piece.module, use.name)
            for name in use.attributes:
                value = inspect.getattr_static(value, name, MISSING)
            asks = use.role in ('value', 'argument') and use.context == 'load' and not use.annotation
            if asks and isinstance(value, type) and value in merged and not _is_looked_at(modules(piece.module), use):
                yield value, use


def _is_looked_at(module: SourceModule | None, use: NameUse) -> bool:
    """Whether a class is only asked for an attribute, as by ``getattr(Parent, 'x')``: it is still there to answer."""
    if module is None:
        return False
    line = module.text.rfind('\n', 0, use.span.start) + 1
    call = _LOOKING.search(module.text[line : use.span.start])
    function = index_of(module).uses.get(line + call.start()) if call else None
    return function is not None and is_builtin(function.name, value_of(module.name, function.name))


def must_stay(cls: type, flat: FlatClass, modules: Modules, importable: set[type]) -> type | None:
    """Return the first ancestor that must not be merged for what the text asks, or None."""
    for value, use in asked_for(cls, flat, modules):
        if use.role == 'argument' or not isinstance(value, ABCMeta) or value not in importable:
            return value
    return None


def note_of(cls: type, stays: type) -> Diagnostic:
    """Say why an ancestor was not merged."""
    return Diagnostic(
        'IE-KEPT-BASE',
        str(symbol_of(cls)),
        f'{stays.__qualname__} stays its ancestor: the text uses that class as a value (in isinstance, or as an '
        'argument), where only a class that derives from it answers the same',
    )
