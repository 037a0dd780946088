"""One flattened class as a module that runs by itself beside the packages it came from."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import tokenize
from abc import ABCMeta
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Callable

from introspect_export.linearize import linearize
from introspect_export.linearize.alone import (
    absolute_imports,
    check_compiles,
    dedented,
    import_like,
    import_statement,
)
from introspect_export.linearize.changes import excerpt
from introspect_export.linearize.enclosed import outer_indent, seen_around, seen_in
from introspect_export.linearize.locate import find_class
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.linearize.names import Binding
from introspect_export.linearize.patched import assigned_in
from introspect_export.linearize.render import render
from introspect_export.linearize.typed_in import statement_of
from introspect_export.model import (
    Chain,
    Diagnostic,
    Edit,
    Excerpt,
    ExportError,
    FlatClass,
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
    flat = linearize(chain, modules, until=stop, keep=kept, binding=_binding(cls), inline=inline, alone=True)
    if not flat.pieces:
        raise ExportError(*map(str, flat.diagnostics))
    return _Module(cls, chain, flat, modules, register).standalone()


def _binding(cls: type) -> Binding:
    """What globals are bound to, where another class than that of the MRO may have its symbol."""
    known = {symbol_of(each): each for each in cls.__mro__}

    def bound(module: str, name: str) -> Symbol | None:
        symbol = live_binding(module, name)
        value = vars(sys.modules[module])[name] if symbol is not None else None
        if symbol is None or known.get(symbol, value) is value:
            return symbol
        return Symbol(symbol.module, f'{symbol.qualname} (another)')

    return bound


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
        chain: Its chain.
        flat: The flattened class.
        modules: The sources.
        register: Whether to register with abstract ancestors.
    """

    def __init__(self, cls: type, chain: Chain, flat: FlatClass, modules: LiveModules, register: bool) -> None:
        self._register = register
        self._cls = cls
        self._flat = flat
        self._modules = modules
        self._members = {member.name for member in flat.members}
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, Any] = {cls.__name__: cls}
        self._imports: dict[str, None] = {}
        self._notes: list[Diagnostic] = []
        self._lost: dict[str, None] = {}
        self._importable = {facts.symbol for facts in chain.mro if 'hidden' not in facts.traits}
        origins = [(each, facts) for each, facts in zip(cls.__mro__, chain.mro) if facts.origin]
        texts = [(each, facts, modules(facts.symbol.module)) for each, facts in origins]
        found = [(each, find_class(module, facts)) for each, facts, module in texts if module]
        self._statements = {each: statement for each, statement in found if statement}
        self._own = self._statements[cls]

    def standalone(self) -> StandaloneClass:
        """Render the module.

        Raises:
            ExportError: What was refused names variables of functions or classes around it.
        """
        pieces = [self._piece(piece) for piece in self._flat.pieces]
        if self._register:
            pieces[:1] = self._registering(pieces[0])
        if self._lost:
            message = f'it sees {", ".join(self._lost)} of what is around it, and cannot stand in a module of its own'
            around = Diagnostic('IE-LIN-LOCAL', str(self._flat.symbol), message)
            raise ExportError(*map(str, (*self._flat.diagnostics, around)))
        statement = dedented(render(pieces, self._modules), outer_indent(self._own))
        body = '\n\n\n'.join([statement, *self._later_statements()])
        own = self._modules(self._cls.__module__)
        future = [f'from __future__ import {", ".join(own.future)}'] if own and own.future else []
        lines = [*future, *([''] if future and self._imports else []), *self._imports]
        head = '\n'.join(lines)
        text = f'{head}\n\n\n{body}\n' if head else f'{body}\n'
        check_compiles(text, str(self._flat.symbol))
        return StandaloneClass(
            symbol=self._flat.symbol,
            text=text,
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
        edits = [*piece.edits, *self._registrations(module, piece), *absolute_imports(module, piece)]
        edits += self._bases_around(module, piece)
        self._lost.update(dict.fromkeys(self._left_around(module, piece, edits)))
        edits += self._own_paths(module, excerpt(module, piece.span, edits))
        covered = excerpt(module, piece.span, edits)
        for use in covered.uses:
            if use in piece.uses:
                name = self._name(module, use)
                if name != use.name:
                    edits.append(Edit(use.span.start, use.span.end, name))
        return replace(covered, edits=excerpt(module, piece.span, edits).edits)

    def _bases_around(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """The bases that variables of functions or classes around name, by where they can be imported from."""
        for each, statement in self._statements.items():
            if statement.module is not module or len(statement.node.bases) != len(each.__bases__):
                continue
            for expression, base in zip(statement.node.bases, each.__bases__):
                target = expression.value if isinstance(expression, ast.Subscript) else expression
                span = module.positions.span(target)
                if piece.span.holds(span) and seen_in(statement, target) and symbol_of(base) in self._importable:
                    yield Edit(span.start, span.end, self._imported(module, base))

    def _left_around(self, module: SourceModule, piece: Excerpt, edits: list[Edit]) -> Iterator[str]:
        """The names that only what is around the class has, and that the piece still has."""
        for statement in self._statements.values():
            for use in seen_around(statement) if statement.module is module else ():
                if piece.span.holds(use.span) and not any(e.start <= use.span.start < e.end for e in edits):
                    yield use.name

    def _own_paths(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """The class's own name through that of a class around it: ``Outer.Inner``."""
        for use in piece.uses:
            value = self._value(module, use.name)
            for name, end in zip(use.attributes, use.ends):
                value = inspect.getattr_static(value, name, _MISSING)
                if value is self._cls:
                    yield Edit(use.span.start, end, self._cls.__name__)
                    break

    def _imported(self, module: SourceModule, cls: type) -> str:
        """Import a class by its symbol; the name that leads to it."""
        top, dot, rest = cls.__qualname__.partition('.')
        value = getattr(sys.modules[cls.__module__], top)
        name = self._free_name(module, top, value, False)
        if name != top or not _is_builtin(top, value):
            self._imports[import_statement(cls.__module__, top, name)] = None
        self._values[name] = value
        return f'{name}{dot}{rest}'

    def _later_statements(self) -> list[str]:
        """The statements of the class's own module that give it members after it is made: ``C.x = ...``."""
        module = self._modules(self._cls.__module__)
        members = {each.original for each in self._flat.members if each.owner == self._flat.symbol}
        added = [name for name in vars(self._cls) if name not in members | IMPLICIT]
        if module is None:
            return []
        name = self._cls.__qualname__
        assigned = [each.span for each in assigned_in(module) if each.path == (name,)]
        parts = [
            part
            for part in module.parts
            if part.kind in (PartKind.ASSIGN, PartKind.EFFECT) and name in part.mutates
            if (added and self._flat.merged) or any(part.statement.holds(span) for span in assigned)
        ]
        return [render([self._piece(excerpt(module, each.statement))], self._modules) for each in parts]

    def _registering(self, first: Piece) -> list[Piece]:
        """The first piece, cut before ``class``, with the nearest abstract ancestors' ``register`` decorators."""
        merged = [each for each in self._cls.__mro__[1:] if symbol_of(each) in {*self._flat.merged} & self._importable]
        nearest = [
            each
            for each in merged
            if isinstance(each, ABCMeta) and not any(other is not each and issubclass(other, each) for other in merged)
        ]
        module = self._modules(self._cls.__module__)
        if not isinstance(first, Excerpt) or module is None or not nearest:
            return [first]
        at = module.positions.span(self._own.node).start
        indent = outer_indent(self._own)
        lines = [f'@{self._imported(module, each)}.register\n{indent}' for each in nearest]
        before = excerpt(module, Span(first.span.start, at), first.edits)
        after = excerpt(module, Span(at, first.span.end), first.edits)
        kept = [tuple(e for e in first.edits if part.span.holds(Span(e.start, e.end))) for part in (before, after)]
        return [replace(before, edits=kept[0]), Literal(''.join(lines)), replace(after, edits=kept[1])]

    def _registrations(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """The class's own decorators that are methods of an object: they have been told of the class already."""
        symbol = self._flat.symbol
        if module is not self._own.module:
            return
        for decorator in self._own.node.decorator_list:
            span = module.positions.span(decorator)
            at = module.text.rindex('@', 0, span.start)
            use = next((each for each in piece.uses if each.span.start == span.start), None)
            if use is None or not use.attributes or not piece.span.start <= at < piece.span.end:
                continue
            owner = self._value(module, use.name)
            if owner is not _MISSING and not isinstance(owner, (ModuleType, type)) and not callable(owner):
                following = module.text.index('\n', span.end) + 1
                yield Edit(at, following + len(outer_indent(self._own)), '')
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
            return import_statement('builtins', name, alias)
        parts = [module.parts[index] for index in module.definitions.get(name, ())]
        found = [each for part in parts if part.kind is PartKind.IMPORT for each in part.imports if each.name == name]
        if len(found) == len(parts) == 1:
            return import_like(found[0], alias)
        return import_statement(module.name, name, alias)


def _is_builtin(name: str, value: Any) -> bool:
    return getattr(builtins, name, _MISSING) is value
