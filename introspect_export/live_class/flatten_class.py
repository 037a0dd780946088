"""One flattened class as a standalone module, which imports what it uses from the original packages."""

from __future__ import annotations

import ast
from abc import ABCMeta
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from introspect_export.linearize import linearize
from introspect_export.linearize.closure_variables import is_own_name, outer_indent, seen_around, seen_in
from introspect_export.linearize.locate import find_class
from introspect_export.linearize.monkeypatching import assigned_in
from introspect_export.linearize.mro import IMPLICIT
from introspect_export.linearize.render import render
from introspect_export.linearize.standalone_text import absolute_imports, check_compiles, dedented
from introspect_export.linearize.statement_edits import excerpt
from introspect_export.live_class.imported_names import ImportedNames
from introspect_export.live_class.isinstance_bases import asked_for, caught, caught_note, must_stay, note_of
from introspect_export.live_class.live_modules import MISSING, LiveModules, binding_of, value_of
from introspect_export.model import (
    Chain,
    Diagnostic,
    Edit,
    Excerpt,
    ExportError,
    FlatClass,
    Literal,
    MemberOrigin,
    PartKind,
    Piece,
    SourceModule,
    Span,
    Symbol,
)
from introspect_export.observe.chains import chain_of, symbol_of


@dataclass(frozen=True)
class StandaloneClass:
    """A flattened class as a standalone module.

    Attributes:
        symbol: The class.
        text: The text of the module: imports, then the class.
        imports: Its import statements.
        bases: Its bases.
        merged: The ancestors merged into it, in MRO order.
        members: The origin of every member.
        diagnostics: The refusals and notes.
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
        cls: The class; its source is that of its module's file, or of the console or notebook where it was typed.
        until: An ancestor to stop at.
        keep: Classes that are not merged.
        is_origin: Returns whether the classes of a module are merged; by default those of the class's top package are.
        register: Whether the class is registered as a virtual subclass of its merged abstract ancestors, so that
            ``isinstance`` remains true (https://docs.python.org/3/library/abc.html#abc.ABCMeta.register).
        inline: Whether a parent's method that is called in one statement only is inlined there, if that is equivalent.

    Raises:
        ExportError: ``cls`` is no class, or its source cannot be found.
    """
    if not isinstance(cls, type):
        raise ExportError(f'{cls!r} is no class')
    top = cls.__module__.partition('.')[0]
    own = is_origin or (lambda module: module.partition('.')[0] == top)
    chain = chain_of(cls, own)
    modules = LiveModules(cls)
    kept = {symbol_of(each) for each in cls.__mro__ if each in keep}
    stop = symbol_of(until) if until else None
    importable = {each for each, facts in zip(cls.__mro__, chain.mro, strict=False) if 'hidden' not in facts.traits}
    notes: list[Diagnostic] = []
    for each, place in caught(cls, own).items():
        if each not in keep:
            kept.add(symbol_of(each))
            notes.append(caught_note(cls, each, place))
    # Repeated, since an ancestor that is not merged adds uses of others: its own class statement.
    while True:
        flat = linearize(
            chain,
            modules,
            binding_of(cls),
            until=stop,
            keep=kept,
            live_globals=True,
            inline=inline,
            alone=True,
        )
        stays = must_stay(cls, chain, flat, modules, importable)
        if stays is None:
            break
        kept.add(symbol_of(stays))
        notes.append(note_of(cls, stays))
    if not flat.pieces:
        raise ExportError(*map(str, flat.diagnostics))
    return _Module(cls, chain, replace(flat, diagnostics=(*flat.diagnostics, *notes)), modules, register).standalone()


class _Module:
    """Renders one flattened class with import statements for the globals that it uses.

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
        self._chain = chain
        self._flat = flat
        self._modules = modules
        self._notes: list[Diagnostic] = []
        self._lost: dict[str, None] = {}
        self._importable = {facts.symbol for facts in chain.mro if 'hidden' not in facts.traits}
        origins = [(each, facts) for each, facts in zip(cls.__mro__, chain.mro, strict=False) if facts.origin]
        texts = [(each, facts, modules(facts.symbol.module)) for each, facts in origins]
        found = [(each, find_class(module, facts)) for each, facts, module in texts if module]
        self._statements = {each: statement for each, statement in found if statement}
        self._own = self._statements[cls]
        members = {member.name for member in flat.members}
        self._names = ImportedNames(cls, [self._own, *self._statements.values()], members)

    def standalone(self) -> StandaloneClass:
        """Render the module.

        Raises:
            ExportError: The class uses variables of enclosing functions or classes.
        """
        pieces = [self._piece(piece) for piece in self._flat.pieces]
        pieces[:1] = self._registering(pieces[0])
        if self._lost:
            message = f'it sees {", ".join(self._lost)} of what is around it, and cannot stand in a module of its own'
            refusal = Diagnostic('IE-LIN-LOCAL', str(self._flat.symbol), message)
            reported = any(each.code == refusal.code for each in self._flat.diagnostics)
            raise ExportError(*map(str, (*self._flat.diagnostics, *(() if reported else (refusal,)))))
        statement = dedented(render(pieces, self._modules), outer_indent(self._own))
        later = self._later_statements()
        body = '\n\n\n'.join([statement, *self._names.aliases, *later])
        own = self._modules(self._cls.__module__)
        future = [f'from __future__ import {", ".join(own.future)}'] if own and own.future else []
        lines = [*future, *([''] if future and self._names.imports else []), *self._names.imports]
        head = '\n'.join(lines)
        text = f'{head}\n\n\n{body}\n' if head else f'{body}\n'
        check_compiles(text, str(self._flat.symbol))
        return StandaloneClass(
            symbol=self._flat.symbol,
            text=text,
            imports=tuple(self._names.imports),
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
        edits += self._outer_bases(module, piece)
        self._lost.update(dict.fromkeys(self._remaining_outer_names(module, piece, edits)))
        edits += self._own_paths(module, excerpt(module, piece.span, edits))
        covered = excerpt(module, piece.span, edits)
        for use in covered.uses:
            if use in piece.uses:
                name = self._names.of_use(module, use)
                if name != use.name:
                    edits.append(Edit(use.span.start, use.span.end, name))
        kept = excerpt(module, piece.span, edits).edits
        return replace(covered, edits=tuple(self._named(each) for each in kept))

    def _named(self, edit: Edit) -> Edit:
        """An edit whose inserted excerpt has the names of the module."""
        inner = self._piece(edit.inner) if edit.inner is not None else None
        return replace(edit, inner=inner) if isinstance(inner, Excerpt) else edit

    def _outer_bases(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """Edits of bases that are named by variables of enclosing functions or classes: they are imported instead."""
        for each, statement in self._statements.items():
            if statement.module is not module or len(statement.node.bases) != len(each.__bases__):
                continue
            for expression, base in zip(statement.node.bases, each.__bases__, strict=True):
                target = expression.value if isinstance(expression, ast.Subscript) else expression
                span = module.positions.span(target)
                if piece.span.holds(span) and seen_in(statement, target) and symbol_of(base) in self._importable:
                    yield Edit(span.start, span.end, self._names.of_base(module, base))

    def _remaining_outer_names(self, module: SourceModule, piece: Excerpt, edits: list[Edit]) -> Iterator[str]:
        """The variables of enclosing functions or classes that a piece still uses after the edits."""
        for statement in self._statements.values():
            for use in seen_around(statement) if statement.module is module else ():
                own = statement is self._own and is_own_name(statement, use)
                if not own and piece.span.holds(use.span) and not any(e.start <= use.span.start < e.end for e in edits):
                    yield use.name

    def _own_paths(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """Edits of the class's own name where it is reached through an enclosing class: ``Outer.Inner``."""
        for use in piece.uses:
            found = self._names.path_to_class(module, use)
            if found is not None:
                yield Edit(use.span.start, found[1], self._names.of_class(found[0]))

    def _later_statements(self) -> list[str]:
        """The statements of the class's own module that add members after the class statement: ``C.x = ...``."""
        module = self._modules(self._cls.__module__)
        members = {each.original for each in self._flat.members if each.owner == self._flat.symbol}
        added = [name for name in vars(self._cls) if name not in members | IMPLICIT]
        if module is None:
            return []
        name = self._cls.__qualname__
        assigned = [each.span for each in assigned_in(module, name) if each.path == (name,)]
        parts = [
            part
            for part in module.parts
            if part.kind in (PartKind.ASSIGN, PartKind.EFFECT) and name in part.mutates
            if (added and self._flat.merged) or any(part.statement.holds(span) for span in assigned)
        ]
        return [render([self._piece(excerpt(module, each.statement))], self._modules) for each in parts]

    def _registering(self, first: Piece) -> list[Piece]:
        """The first piece, split before ``class``, with ``register`` decorators of the nearest abstract ancestors."""
        used = {symbol_of(each) for each, _ in asked_for(self._cls, self._chain, self._flat, self._modules)}
        wanted = self._importable & ({*self._flat.merged} if self._register else used)
        merged = [each for each in self._cls.__mro__[1:] if symbol_of(each) in wanted]
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
        lines = [f'@{self._names.of_base(module, each)}.register\n{indent}' for each in nearest]
        before = excerpt(module, Span(first.span.start, at), first.edits)
        after = excerpt(module, Span(at, first.span.end), first.edits)
        kept = [tuple(e for e in first.edits if part.span.holds(Span(e.start, e.end))) for part in (before, after)]
        return [replace(before, edits=kept[0]), Literal(''.join(lines)), replace(after, edits=kept[1])]

    def _registrations(self, module: SourceModule, piece: Excerpt) -> Iterator[Edit]:
        """Edits that remove the class's decorators that are methods of an object, as of a registry.

        In the running program, that object has registered the original class already.
        """
        symbol = self._flat.symbol
        if module is not self._own.module:
            return
        for decorator in self._own.node.decorator_list:
            span = module.positions.span(decorator)
            at = module.text.rindex('@', 0, span.start)
            use = next((each for each in piece.uses if each.span.start == span.start), None)
            if use is None or not use.attributes or not piece.span.start <= at < piece.span.end:
                continue
            owner = value_of(module.name, use.name)
            if owner is not MISSING and not isinstance(owner, (ModuleType, type)) and not callable(owner):
                following = module.text.index('\n', span.end) + 1
                yield Edit(at, following + len(outer_indent(self._own)), '')
                text = module.cut(span)
                self._notes.append(
                    Diagnostic('IE-LIN-DECORATOR', str(symbol), f'@{text} is left out: it knows the class already')
                )
