"""One flattened class as a module that runs by itself beside the packages it came from."""

from __future__ import annotations

import builtins
import re
import sys
import tokenize
from abc import ABCMeta
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Callable

from introspect_export.linearize import linearize
from introspect_export.linearize.changes import excerpt
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.linearize.render import render
from introspect_export.linearize.typed_in import statement_of
from introspect_export.model import (
    Diagnostic,
    Edit,
    Excerpt,
    ExportError,
    FlatClass,
    ImportedName,
    Literal,
    MemberOrigin,
    NameUse,
    PartKind,
    Piece,
    SourceModule,
    Span,
    Symbol,
)
from introspect_export.observe.chains import chain_of, symbol_of
from introspect_export.read import read_module

_RELATIVE = re.compile(r'from\s+(\.[\s.]*[\w.]*)\s*import\b')
_MISSING = object()


@dataclass(frozen=True)
class StandaloneClass:
    """A flattened class with all that its text needs.

    Attributes:
        symbol: The class.
        text: A module: imports, then the class.
        imports: Its import statements.
        bases: Its bases.
        merged: The ancestors merged into it, in MRO order.
        members: The origin of every member.
        diagnostics: What was refused or noted.
    """

    symbol: Symbol
    text: str
    imports: tuple[str, ...]
    bases: tuple[Symbol, ...]
    merged: tuple[Symbol, ...]
    members: tuple[MemberOrigin, ...]
    diagnostics: tuple[Diagnostic, ...]


def flatten_class(
    cls: type,
    *,
    until: type | None = None,
    keep: Container[type] = (),
    is_origin: Callable[[str], bool] | None = None,
    register: bool = False,
    inline: bool = False,
) -> StandaloneClass:
    """Merge a live class's ancestors into it.

    Args:
        cls: The class; its source is found through its module's file, or where it was typed in.
        until: An ancestor to stop at.
        keep: Classes that stay as they are.
        is_origin: Which modules' classes are merged; by default those of the class's own top package.
        register: Whether the class is registered as a virtual subclass of its merged abstract ancestors, so that
            ``isinstance`` goes on answering yes (https://docs.python.org/3/library/abc.html#abc.ABCMeta.register).
        inline: Whether a parent's method that one statement calls is written out there, where that is the same.

    Raises:
        ExportError: ``cls`` is no class, or its source cannot be found.
    """
    if not isinstance(cls, type):
        raise ExportError(f'{cls!r} is no class')
    top = cls.__module__.partition('.')[0]
    chain = chain_of(cls, is_origin or (lambda module: module.partition('.')[0] == top))
    modules = LiveModules(cls)
    kept = {symbol_of(each) for each in cls.__mro__ if each in keep}
    stop = symbol_of(until) if until else None
    flat = linearize(chain, modules, until=stop, keep=kept, binding=live_binding, inline=inline)
    if not flat.pieces:
        raise ExportError(*map(str, flat.diagnostics))
    return _Module(cls, flat, modules, register).standalone()


def live_binding(module: str, name: str) -> Symbol | None:
    """Return the class or module that a loaded module's global is bound to."""
    value = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if isinstance(value, ModuleType):
        return Symbol(value.__name__, '')
    return symbol_of(value) if isinstance(value, type) else None


def _read(name: str, file: str, is_package: bool) -> SourceModule:
    with tokenize.open(file) as stream:
        return _parsed(name, file, is_package, stream.read())


@lru_cache(maxsize=512)
def _parsed(name: str, file: str, is_package: bool, text: str) -> SourceModule:
    """Read a module, once for each text it has."""
    return read_module(name, file, is_package, text)


class LiveModules:
    """The sources of loaded modules.

    Args:
        cls: A class; the statements of those of its MRO whose module has no file are looked for.
    """

    def __init__(self, cls: type) -> None:
        self._cls = cls
        self._known: dict[str, SourceModule | None] = {}

    def __call__(self, name: str) -> SourceModule | None:
        """Return a module's source, or None."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> SourceModule | None:
        module = sys.modules.get(name)
        file = getattr(module, '__file__', None)
        if isinstance(file, str):
            return _read(name, file, hasattr(module, '__path__')) if file.endswith('.py') else None
        text = self._typed_in(name)
        return read_module(name, f'<{name}>', False, text) if text else None

    def _typed_in(self, name: str) -> str:
        """The statements that made the classes of a module without a file: a console's, a notebook's."""
        texts = (statement_of(each) for each in reversed(self._cls.__mro__) if each.__module__ == name)
        return '\n\n'.join(dict.fromkeys(text for text in texts if text))


class _Module:
    """Renders one flattened class with imports for all it uses.

    Args:
        cls: The live class.
        flat: The flattened class.
        modules: The sources.
        register: Whether to register with abstract ancestors.
    """

    def __init__(self, cls: type, flat: FlatClass, modules: LiveModules, register: bool) -> None:
        self._register = register
        self._cls = cls
        self._flat = flat
        self._modules = modules
        self._members = {member.name for member in flat.members}
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, Any] = {cls.__name__: cls}
        self._imports: dict[str, None] = {}
        self._notes: list[Diagnostic] = []

    def standalone(self) -> StandaloneClass:
        """Render the module."""
        pieces = [self._piece(piece) for piece in self._flat.pieces]
        if self._register:
            pieces[:1] = self._registering(pieces[0])
        body = '\n\n\n'.join([render(pieces, self._modules), *self._later_statements()])
        own = self._modules(self._cls.__module__)
        future = [f'from __future__ import {", ".join(own.future)}'] if own and own.future else []
        lines = [*future, *([''] if future and self._imports else []), *self._imports]
        head = '\n'.join(lines)
        return StandaloneClass(
            symbol=self._flat.symbol,
            text=f'{head}\n\n\n{body}\n' if head else f'{body}\n',
            imports=tuple(self._imports),
            bases=self._flat.bases,
            merged=self._flat.merged,
            members=self._flat.members,
            diagnostics=(*self._flat.diagnostics, *self._notes),
        )

    def _piece(self, piece: Piece) -> Piece:
        if not isinstance(piece, Excerpt):
            return piece
        module = self._modules(piece.module)
        if module is None:
            raise ExportError(f'{piece.module} has no source')
        edits = [*piece.edits, *self._registrations(module, piece), *_absolute_imports(module, piece)]
        covered = excerpt(module, piece.span, edits)
        for use in covered.uses:
            if use in piece.uses:
                name = self._name(module, use)
                if name != use.name:
                    edits.append(Edit(use.span.start, use.span.end, name))
        return replace(covered, edits=excerpt(module, piece.span, edits).edits)

    def _later_statements(self) -> list[str]:
        """The statements of the class's own module that give it members after it is made: ``C.x = ...``."""
        module = self._modules(self._cls.__module__)
        members = {each.original for each in self._flat.members if each.owner == self._flat.symbol}
        added = [name for name in vars(self._cls) if name not in members | IMPLICIT]
        if module is None or not self._flat.merged or not added:
            return []
        kinds = (PartKind.ASSIGN, PartKind.EFFECT)
        parts = [each for each in module.parts if each.kind in kinds and self._cls.__qualname__ in each.mutates]
        return [render([self._piece(excerpt(module, each.statement))], self._modules) for each in parts]

    def _registering(self, first: Piece) -> list[Piece]:
        """The first piece, cut before ``class``, with the nearest abstract ancestors' ``register`` decorators."""
        merged = [each for each in self._cls.__mro__[1:] if symbol_of(each) in self._flat.merged]
        nearest = [
            each
            for each in merged
            if isinstance(each, ABCMeta) and not any(other is not each and issubclass(other, each) for other in merged)
        ]
        module = self._modules(self._cls.__module__)
        if not isinstance(first, Excerpt) or module is None or not nearest:
            return [first]
        at = module.text.rindex('class ', 0, first.span.end)
        lines = []
        for each in nearest:
            name = each.__qualname__.partition('.')[0]
            alias = self._free_name(module, name, each, False)
            self._imports[_statement(each.__module__, name, alias)] = None
            lines.append(f'@{alias}{each.__qualname__[len(name) :]}.register\n')
        before = excerpt(module, Span(first.span.start, at), first.edits)
        after = excerpt(module, Span(at, first.span.end), first.edits)
        kept = [tuple(e for e in first.edits if part.span.holds(Span(e.start, e.end))) for part in (before, after)]
        return [replace(before, edits=kept[0]), Literal(''.join(lines)), replace(after, edits=kept[1])]

    def _registrations(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """The class's own decorators that are methods of an object: they have been told of the class already."""
        symbol = self._flat.symbol
        node = next((each for each in module.tree.body if getattr(each, 'name', '') == symbol.qualname), None)
        if module.name != symbol.module or node is None or not hasattr(node, 'decorator_list'):
            return
        for decorator in node.decorator_list:
            span = module.positions.span(decorator)
            at = module.text.rindex('@', 0, span.start)
            use = next((each for each in piece.uses if each.span.start == span.start), None)
            if use is None or not use.attributes or not piece.span.start <= at < piece.span.end:
                continue
            owner = self._value(module, use.name)
            if owner is not _MISSING and not isinstance(owner, (ModuleType, type)) and not callable(owner):
                yield Edit(at, module.text.index('\n', span.end) + 1, '')
                text = module.cut(span)
                self._notes.append(
                    Diagnostic('IE-LIN-DECORATOR', str(symbol), f'@{text} is left out: it knows the class already')
                )

    def _name(self, module: SourceModule, use: NameUse) -> str:
        key = (module.name, use.name)
        value = self._value(module, use.name)
        if value is _MISSING or use.context == 'declare':
            return use.name
        if value is self._cls:
            return str(self._cls.__name__)
        hidden = use.in_class_scope and use.name in self._members
        if key not in self._names or hidden:
            name = self._free_name(module, use.name, value, hidden)
            if name == use.name and _is_builtin(use.name, value):
                self._values[name] = value
                return name
            if self._values.get(name, _MISSING) is not value:
                self._imports[self._import(module, use.name, name)] = None
            self._names[key] = name
            self._values[name] = value
        return self._names[key]

    def _free_name(self, module: SourceModule, name: str, value: Any, hidden: bool) -> str:
        def is_free(candidate: str) -> bool:
            return candidate not in self._values or self._values[candidate] is value

        if is_free(name) and not hidden:
            return name
        tail = module.name.rpartition('.')[2].strip('_')
        candidate, number = f'{name}_of_{tail}', 2
        while not is_free(candidate):
            candidate, number = f'{name}_of_{tail}_{number}', number + 1
        return candidate

    def _value(self, module: SourceModule, name: str) -> Any:
        live = vars(sys.modules[module.name]) if module.name in sys.modules else {}
        return live.get(name, getattr(builtins, name, _MISSING))

    def _import(self, module: SourceModule, name: str, alias: str) -> str:
        if _is_builtin(name, self._value(module, name)):
            return _statement('builtins', name, alias)
        parts = [module.parts[index] for index in module.definitions.get(name, ())]
        found = [each for part in parts if part.kind is PartKind.IMPORT for each in part.imports if each.name == name]
        if len(found) == len(parts) == 1:
            return _like(found[0], alias)
        return _statement(module.name, name, alias)


def _is_builtin(name: str, value: Any) -> bool:
    return getattr(builtins, name, _MISSING) is value


def _like(imported: ImportedName, alias: str) -> str:
    if imported.attribute is not None:
        return _statement(imported.module, imported.attribute, alias)
    if imported.binds_top and alias == imported.name:
        return f'import {imported.module}'
    module = imported.name if imported.binds_top else imported.module
    return f'import {module}' if module == alias else f'import {module} as {alias}'


def _statement(module: str, name: str, alias: str) -> str:
    return f'from {module} import {name}' + (f' as {alias}' if alias != name else '')


def _absolute_imports(module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
    """Relative imports inside of functions, which would start from another package."""
    for part in module.parts:
        if part.span.end <= piece.span.start or part.span.start >= piece.span.end:
            continue
        for each in part.imports:
            match = _RELATIVE.match(module.text, each.statement.start)
            if match and piece.span.holds(Span(match.start(1), match.end(1))):
                yield Edit(match.start(1), match.end(1), f'{each.module} ')
