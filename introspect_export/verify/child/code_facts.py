"""The step *code*: functions, methods and named values, in a form that is invariant under flattening.

``canonical_code.py`` defines that form. Text is that of the statements of a module or class; a function that other code
assigned to a class is found by its code object.
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
"""A definition by a statement, with its file; or a function that no statement of the class defines."""

_FIXED = (bool, int, float, complex, str, bytes, type(None), tuple, frozenset)
"""The immutable types, whose values are compared. Modules that the package lacks may have added to a list."""
_NO_TEXT = 'no text of it is here'


def code(
    side: Side,
    symbols: Sequence[Mapping[str, Any]],
    origins: Sequence[str],
    broken: Sequence[str] = (),
) -> dict[str, Any]:
    """Read the code of functions and of all members of own classes, and the values of other globals.

    Args:
        side: The role.
        symbols: For each symbol its label (``told``), which is the same in both roles, its ``module`` and ``name``, and
            the names of the classes that are ``merged`` into it.
        origins: The origins of the package.
        broken: The labels of symbols with an import that fails in the original.

    Returns:
        ``pieces``: by label, the words of each piece of code with their lines; ``files``: the file of each;
        ``functions``: the labels of functions; ``statements``: by module, the words of statements that bind no name,
        with their file; ``values``: the globals' values as text by path; ``failed``: the errors of symbols that do not
        exist, by label; ``unread``: by label, the reasons why functions could not be read.
    """
    merged = {f'{each["module"]}:{each["name"]}': each['merged'] for each in symbols if each['merged']}
    own = own_packages(side.role, frozenset(origins))
    reader = Reader(own, frozenset(broken), merged, whole=side.role != 'pack')
    portrait = Portrait(frozenset(), {})
    failed: dict[str, str] = {}
    for symbol in symbols:
        label, name = symbol['told'], symbol['name']
        try:
            module = importlib.import_module(symbol['module'])
            value: Any = functools.reduce(getattr, name.split('.'), module)
        except (Exception, SystemExit) as error:  # Foreign code may raise anything.
            failed[label] = type(error).__name__
            continue
        if isinstance(value, type):
            reader.add_class(label, value)
            continue
        reader.add_global(label, module, name, value)
        for path, each in _values(label, value):
            portrait.add(path, each)
    for label, name in {one['told'].partition(':')[0]: one['module'] for one in symbols}.items():
        reader.add_statements(label, sys.modules.get(name))
    return {
        'pieces': reader.pieces,
        'statements': reader.statements,
        'files': reader.files,
        'functions': reader.functions,
        'values': portrait.values,
        'failed': failed,
        'unread': reader.unread,
    }


def _values(label: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values of a global to compare: of a dict each entry by itself, since the package may have fewer entries."""
    if isinstance(value, _FIXED):
        yield label, value
    elif isinstance(value, dict):
        for key, each in list(dict.items(value)):
            if isinstance(key, (str, int, type, FunctionType)):
                yield f'{label}[{shown_key(key)}]', each


class Reader:
    """Reads pieces of code.

    Args:
        own: The packages whose code is read.
        broken: The labels of symbols with an import that fails in the original.
        merged: For each class, by ``module:qualname``, the names of the classes that were merged into it.
        whole: Whether inherited members are read for each class; in the package they are merged, or belong to classes
            of their own.
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

    def add_class(self, label: str, kind: type) -> None:
        """Read all members of a class; overridden ones of its ancestors get the names that flattening gives them.

        Args:
            label: The class's label.
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
                broken=label in self._broken,
            )
            for name, piece in self._members(owner, parents):
                names = [f'{label}.{name}'] if f'{label}.{name}' not in self.pieces else []
                base, dot, rest = name.partition('.')
                names += [f'{label}._{tag}_{plain(base)}{dot}{rest}'] if owner is not kind else []
                self._read(names, piece, place)

    def _parents(self, kind: type) -> frozenset[str]:
        """The names of a class and its bases, and of all classes that were merged into any of them."""
        several = [each for each in kind.__mro__ if each is not object]
        merged = (self._merged.get(f'{each.__module__}:{each.__qualname__}', ()) for each in several)
        return frozenset({*(each.__qualname__ for each in several), *(name for names in merged for name in names)})

    def add_global(self, label: str, module: ModuleType, name: str, value: Any) -> None:
        """Read the definitions of a global; one without a statement is read by its code object if it is a function.

        Args:
            label: The global's label.
            module: The module.
            name: The name in it.
            value: The value bound to it.
        """
        text = text_of(str(getattr(module, '__file__', '')))
        found = [each for each in text.top if each.name.partition('#')[0] == name] if text else []
        meanings = self._meanings(module.__name__)
        place = CodePlace(meanings, self._own, broken=label in self._broken)
        for each in found:
            _, hash_, number = each.name.partition('#')
            self._read([f'{label}{hash_}{number}'], (each, str(module.__file__)), place)
        function = unwrapped(value)
        if not found and function is not None:
            self._read_function(label, function, place)

    def add_statements(self, label: str, module: ModuleType | None) -> None:
        """Read the statements of a module that bind no name.

        Args:
            label: The module's label.
            module: The module, or None if it is not imported.
        """
        file = str(getattr(module, '__file__', ''))
        text = text_of(file)
        if module is not None and text is not None:
            place = CodePlace(self._meanings(module.__name__), self._own)
            self.statements[label] = [(words(each, place), file) for each in text.unnamed]

    def _members(self, owner: type, parents: frozenset[str]) -> Iterator[tuple[str, _Piece]]:
        """The members of a class: those that its statement defines, and functions that other code assigned."""
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

    def _read_function(self, label: str, function: FunctionType, place: CodePlace) -> None:
        """Read a function by the text of its code object."""
        file = inspect.getsourcefile(function)
        text = text_of(file) if file else None
        content = function.__code__
        node = text.function(content.co_name, content.co_firstlineno) if text else None
        if node is None:
            self.unread[label] = (
                _NO_TEXT if text is None or content.co_name != '<lambda>' else 'several are on its line'
            )
            return
        outer = frozenset(content.co_freevars) - {'__class__'}
        meanings = Meanings(function.__globals__, self._own)
        inner = replace(place, meanings=meanings, outer=outer)
        self._add([label], words(node, inner), str(file), is_function=True)

    def _add(self, names: Sequence[str], content: list[Word], file: str, is_function: bool) -> None:
        for label in names:
            self.pieces[label] = content
            self.files[label] = file
            if is_function:
                self.functions.append(label)

    def _meanings(self, module: str) -> Meanings:
        return Meanings(vars(sys.modules[module]) if module in sys.modules else {}, self._own)


def _tags(kind: type) -> list[str]:
    """The names of the MRO's classes in the names that flattening gives to kept members, numbered from the end."""
    tags: list[str] = []
    seen: dict[str, int] = {}
    for each in reversed(kind.__mro__):
        name = each.__name__.strip('_') or 'Base'
        seen[name] = seen.get(name, 0) + 1
        tags.append(name if seen[name] == 1 else f'{name}{seen[name]}')
    return tags[::-1]


def _statement(owner: type, text: Text) -> Any:
    """The statement of a class: of several under conditions, the one that contains its functions."""
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
    """The functions in a member of a class, unwrapped."""
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
    """Return the function inside of wrappers that set ``__wrapped__``; None for other values."""
    if isinstance(value, type):
        return None
    try:
        inner = inspect.unwrap(value)
    except (ValueError, AttributeError):
        return None
    return inner if isinstance(inner, FunctionType) else None
