"""The code of functions and methods, and the values that are given names, as far as flattening never changes them.

What is said of a piece of code is in ``canonical_code.py``. The text is that of the statements of a module or class;
what other code put there is read by the function that it is.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any

from .canonical_code import CodePlace, Word, kept_names, plain, words
from .definitions import Definition, Text, definitions, text_of
from .meanings import Meanings
from .object_contents import Portrait, own_packages, shown_key
from .role_objects import Side

_Piece = tuple[Definition, str] | FunctionType
"""What a statement defines, with the file; or a function that is there beside the statements."""

_FIXED = (bool, int, float, complex, str, bytes, type(None), tuple, frozenset)
"""Values that nobody adds to. A list may have been added to by modules that a pack does not need."""
_NO_TEXT = 'no text of it is here'


def code(
    side: Side,
    symbols: Sequence[Mapping[str, Any]],
    origins: Sequence[str],
    broken: Sequence[str] = (),
) -> dict[str, Any]:
    """Read the code of functions, and of all members of classes that are no library's; and the values of other globals.

    Args:
        side: The role.
        symbols: For each thing what it is ``told`` as, its ``module`` and ``name``, and the names of the classes that
            are ``merged`` into it.
        origins: The packages that the pack came from.
        broken: What is told of things in which an import fails.

    Returns:
        ``pieces``: for each piece of code its words, each with its line; ``files`` of them; ``functions``: which of
        them are such; ``statements``: of modules, that name nothing, each with its file; ``values``: of globals, as
        text by path; ``failed``: what is not there; ``unread``: by what is told of a function, why it could not be
        read.
    """
    merged = {f'{each["module"]}:{each["name"]}': each['merged'] for each in symbols if each['merged']}
    own = own_packages(side.role, frozenset(origins))
    reader = Reader(own, frozenset(broken), merged, whole=side.role != 'pack')
    portrait = Portrait(frozenset(), {})
    failed: dict[str, str] = {}
    for symbol in symbols:
        told, name = symbol['told'], symbol['name']
        try:
            module = importlib.import_module(symbol['module'])
            value: Any = functools.reduce(getattr, name.split('.'), module)
        except (Exception, SystemExit) as error:  # Libraries' code fails in its own ways.
            failed[told] = type(error).__name__
            continue
        if isinstance(value, type):
            reader.add_class(told, value)
            continue
        reader.add_global(told, module, name, value)
        for path, each in _values(told, value):
            portrait.add(path, each)
    for told, name in {one['told'].partition(':')[0]: one['module'] for one in symbols}.items():
        reader.add_statements(told, sys.modules.get(name))
    return {
        'pieces': reader.pieces,
        'statements': reader.statements,
        'files': reader.files,
        'functions': reader.functions,
        'values': portrait.values,
        'failed': failed,
        'unread': reader.unread,
    }


def _values(told: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What of a global can be compared as it is now: of a table the entries, since a pack may have fewer."""
    if isinstance(value, _FIXED):
        yield told, value
    elif isinstance(value, dict):
        for key, each in list(dict.items(value)):
            if isinstance(key, (str, int, type, FunctionType)):
                yield f'{told}[{shown_key(key)}]', each


class Reader:
    """Reads pieces of code.

    Args:
        own: The packages whose code is read.
        broken: What is told of things in which an import fails.
        merged: By what a class is called, the names of the classes that were merged into it.
        whole: Whether a class has its ancestors' members, too; in a pack these are in it, or stand for themselves.
    """

    def __init__(
        self,
        own: frozenset[str],
        broken: frozenset[str] = frozenset(),
        merged: Mapping[str, Sequence[str]] = MappingProxyType({}),
        *,
        whole: bool = True,
    ) -> None:
        self.pieces: dict[str, list[Word]] = {}
        self.statements: dict[str, list[tuple[list[Word], str]]] = {}
        self.files: dict[str, str] = {}
        self.functions: list[str] = []
        self.unread: dict[str, str] = {}
        self._own = own
        self._broken = broken
        self._merged = merged
        self._whole = whole

    def add_class(self, told: str, kind: type) -> None:
        """Every member of a class, and those of its ancestors that others hide, by the names that are given to them.

        Args:
            told: What the class is told as.
            kind: The class.
        """
        parents = self._parents(kind)
        for owner, tag in zip(kind.__mro__, _tags(kind), strict=False):
            if owner.__module__.partition('.')[0] not in self._own or not (self._whole or owner is kind):
                continue
            place = CodePlace(
                self._meanings(owner.__module__),
                self._own,
                owner.__name__,
                parents,
                kind.__mro__,
                broken=told in self._broken,
            )
            for name, piece in self._members(owner, parents):
                names = [f'{told}.{name}'] if f'{told}.{name}' not in self.pieces else []
                base, dot, rest = name.partition('.')
                names += [f'{told}._{tag}_{plain(base)}{dot}{rest}'] if owner is not kind else []
                self._read(names, piece, place)

    def _parents(self, kind: type) -> frozenset[str]:
        """What a class, and those it derives from, are called, with all that were merged into any of them."""
        several = [each for each in kind.__mro__ if each is not object]
        merged = (self._merged.get(f'{each.__module__}:{each.__qualname__}', ()) for each in several)
        return frozenset({*(each.__qualname__ for each in several), *(name for names in merged for name in names)})

    def add_global(self, told: str, module: ModuleType, name: str, value: Any) -> None:
        """What a module binds to a name: by its statements, or by the function that it is, where they have none."""
        text = text_of(str(getattr(module, '__file__', '')))
        found = [each for each in text.top if each.name.partition('#')[0] == name] if text else []
        meanings = self._meanings(module.__name__)
        place = CodePlace(meanings, self._own, broken=told in self._broken)
        for each in found:
            _, hash_, number = each.name.partition('#')
            self._read([f'{told}{hash_}{number}'], (each, str(module.__file__)), place)
        function = unwrapped(value)
        if not found and function is not None:
            self._read_function(told, function, place)

    def add_statements(self, told: str, module: ModuleType | None) -> None:
        """The statements of a module that give nothing a name."""
        file = str(getattr(module, '__file__', ''))
        text = text_of(file)
        if module is not None and text is not None:
            place = CodePlace(self._meanings(module.__name__), self._own)
            self.statements[told] = [(words(each, place), file) for each in text.unnamed]

    def _members(self, owner: type, parents: frozenset[str]) -> Iterator[tuple[str, _Piece]]:
        """The members of a class: those of its statement, and functions that are there beside them."""
        file = str(getattr(sys.modules.get(owner.__module__), '__file__', ''))
        text = text_of(file)
        statement = _statement(owner, text) if text else None
        found = set[str]()
        for each in definitions(statement.body, kept_names(parents)) if statement is not None else ():
            found.add(each.name.partition('#')[0])
            yield each.name, (each, file)
        for name, value in list(vars(owner).items()):
            for member, function in _functions(name, value):
                if member not in found:
                    yield member, function

    def _read(self, names: Sequence[str], piece: _Piece, place: CodePlace) -> None:
        if isinstance(piece, FunctionType):
            for each in names:
                self._read_function(each, piece, place)
            return
        definition, file = piece
        self._add(names, words(definition.node, place), file, definition.is_function)

    def _read_function(self, told: str, function: FunctionType, place: CodePlace) -> None:
        """A function by the text that its code came from."""
        file = inspect.getsourcefile(function)
        text = text_of(file) if file else None
        content = function.__code__
        node = text.function(content.co_name, content.co_firstlineno) if text else None
        if node is None:
            self.unread[told] = _NO_TEXT if text is None or content.co_name != '<lambda>' else 'several are on its line'
            return
        outer = frozenset(content.co_freevars) - {'__class__'}
        meanings = Meanings(function.__globals__, self._own)
        inner = replace(place, meanings=meanings, outer=outer)
        self._add([told], words(node, inner), str(file), is_function=True)

    def _add(self, names: Sequence[str], said: list[Word], file: str, is_function: bool) -> None:
        for told in names:
            self.pieces[told] = said
            self.files[told] = file
            if is_function:
                self.functions.append(told)

    def _meanings(self, module: str) -> Meanings:
        return Meanings(vars(sys.modules[module]) if module in sys.modules else {}, self._own)


def _tags(kind: type) -> list[str]:
    """A short name for each class of the MRO, counted from its end, as flattening names what it keeps of them."""
    tags: list[str] = []
    seen: dict[str, int] = {}
    for each in reversed(kind.__mro__):
        name = each.__name__.strip('_') or 'Base'
        seen[name] = seen.get(name, 0) + 1
        tags.append(name if seen[name] == 1 else f'{name}{seen[name]}')
    return tags[::-1]


def _statement(owner: type, text: Text) -> Any:
    """The statement of a class: of several the one that its functions are in."""
    several = text.classes(owner.__qualname__)
    lines = [
        function.__code__.co_firstlineno
        for name, value in list(vars(owner).items())
        for _, function in _functions(name, value)
        if function.__module__ == owner.__module__
    ]
    for each in several if len(several) > 1 else ():
        if any(each.lineno <= line <= (each.end_lineno or each.lineno) for line in lines):
            return each
    return several[-1] if several else None


def _functions(name: str, value: Any) -> Iterator[tuple[str, FunctionType]]:
    """The functions in a member of a class, also such that are wrapped."""
    inside = [(name, value)]
    if isinstance(value, property):
        inside = [(name, value.fget), (f'{name}.setter', value.fset), (f'{name}.deleter', value.fdel)]
    elif isinstance(value, (staticmethod, classmethod)):
        inside = [(name, value.__func__)]
    elif isinstance(value, (functools.cached_property, functools.partialmethod)):
        inside = [(name, value.func)]
    for member, each in inside:
        function = unwrapped(each)
        if function is not None:
            yield member, function


def unwrapped(value: Any) -> FunctionType | None:
    """The function that a decorator has wrapped, which says so."""
    if isinstance(value, type):
        return None
    try:
        inner = inspect.unwrap(value)
    except (ValueError, AttributeError):
        return None
    return inner if isinstance(inner, FunctionType) else None
