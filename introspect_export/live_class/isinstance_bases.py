"""Ancestors that a class's own text uses as values: ``isinstance(x, Parent)`` must remain true.

An abstract base class can have the flattened class as a virtual subclass. Any other ancestor must not be merged, nor
one that is an argument of other functions, which may compare its members with a descendant's.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from introspect_export.linearize.flatten_context import dotted
from introspect_export.linearize.global_names import Modules
from introspect_export.linearize.locate import find_class, index_of
from introspect_export.live_class.live_modules import MISSING, LiveModules, is_builtin, value_of
from introspect_export.model import Chain, Diagnostic, Excerpt, FlatClass, NameUse, SourceModule
from introspect_export.observe.chains import symbol_of

# The start of a call that looks up an attribute of the class.
_ATTRIBUTE_CALL = re.compile(r'(?<![\w.])(getattr|hasattr)\(\s*\Z')


def asked_for(cls: type, chain: Chain, flat: FlatClass, modules: Modules) -> Iterator[tuple[type, NameUse]]:
    """Return the merged ancestors that the flattened text, or an unmerged class, uses as values, with each use."""
    merged = {each for each in cls.__mro__[1:] if symbol_of(each) in flat.merged}
    for module, uses in (*_own_uses(flat), *_uses_of_unmerged(chain, flat, modules)) if merged else ():
        for use in uses:
            value = _live_value(module, (use.name, *use.attributes))
            is_value = use.role in ('value', 'argument') and use.context == 'load' and not use.annotation
            if (
                is_value
                and isinstance(value, type)
                and value in merged
                and not _is_attribute_lookup(modules(module), use)
            ):
                yield value, use


def _own_uses(flat: FlatClass) -> Iterator[tuple[str, Iterable[NameUse]]]:
    for piece in flat.pieces:
        if isinstance(piece, Excerpt):
            yield piece.module, piece.uses


def _uses_of_unmerged(chain: Chain, flat: FlatClass, modules: Modules) -> Iterator[tuple[str, Iterable[NameUse]]]:
    """The uses in the class statements of origins' ancestors that are not merged, by module."""
    for facts in chain.mro[1:]:
        module = modules(facts.symbol.module) if facts.origin and facts.symbol not in flat.merged else None
        statement = find_class(module, facts) if module is not None else None
        if statement is not None:
            yield statement.module.name, index_of(statement.module).within(statement.statement)


def _is_attribute_lookup(module: SourceModule | None, use: NameUse) -> bool:
    """Whether a use is only an attribute lookup (``getattr(Parent, 'x')``), which still works on a merged ancestor."""
    if module is None:
        return False
    line = module.text.rfind('\n', 0, use.span.start) + 1
    call = _ATTRIBUTE_CALL.search(module.text[line : use.span.start])
    function = index_of(module).uses.get(line + call.start()) if call else None
    return function is not None and is_builtin(function.name, value_of(module.name, function.name))


def must_stay(cls: type, chain: Chain, flat: FlatClass, modules: Modules, importable: set[type]) -> type | None:
    """Return the first ancestor that must not be merged because the text uses it as a value, or None."""
    raised = issubclass(cls, BaseException)
    for value, use in asked_for(cls, chain, flat, modules):
        if use.role == 'argument' or not isinstance(value, ABCMeta) or value not in importable or raised:
            return value
    return None


def caught(cls: type, is_origin: Callable[[str], bool]) -> dict[type, str]:
    """Return the ancestors of an exception that origins' modules catch, each with the place of an except clause.

    An except clause ignores virtual subclasses (https://docs.python.org/3/reference/compound_stmts.html#except-clause).
    It may be far from where the class is raised, so all loaded modules are searched.
    """
    found: dict[type, str] = {}
    names = {each.__name__ for each in cls.__mro__[1:] if is_origin(each.__module__)}
    for module in sys.modules.copy() if issubclass(cls, BaseException) and names else ():
        source = LiveModules(cls)(module) if is_origin(module) else None
        if source is not None and 'except' in source.text:
            for node in ast.walk(source.tree):
                if isinstance(node, ast.ExceptHandler) and node.type is not None:
                    paths = [path for each in ast.walk(node.type) if (path := dotted(each))]
                    values = [_live_value(module, path) for path in paths]
                    ancestors = [each for each in values if isinstance(each, type) and each in cls.__mro__[1:]]
                    found.update((each, f'{source.file}:{node.lineno}') for each in ancestors if each not in found)
    return found


def _live_value(module: str, path: Sequence[str]) -> Any:
    """The value that a dotted name in a module resolves to, without running code."""
    value = value_of(module, path[0])
    for name in path[1:]:
        value = inspect.getattr_static(value, name, MISSING)
    return value


def caught_note(cls: type, stays: type, place: str) -> Diagnostic:
    """The diagnostic for an ancestor that was not merged since an except clause names it."""
    message = f'{stays.__qualname__} stays its ancestor: an except clause names it, and would no longer catch the class'
    return Diagnostic('IE-KEPT-BASE', str(symbol_of(cls)), message, place)


def note_of(cls: type, stays: type) -> Diagnostic:
    """The diagnostic for an ancestor that was not merged since the text uses it as a value."""
    return Diagnostic(
        'IE-KEPT-BASE',
        str(symbol_of(cls)),
        f'{stays.__qualname__} stays its ancestor: the text uses that class as a value (in isinstance, or as an '
        'argument), where only a class that derives from it answers the same',
    )
