"""Decorators that only write documentation: ``fn.__doc__ = ''.join(parts) + fn.__doc__; return fn``.

What they decorate is the same without them, up to its docstring, so they stay behind with all their helpers and texts.
That is shown by the text of everything that a decorator's call leads to: it sets nothing but ``__doc__``, changes
nothing but what it has made itself, calls nothing but functions of the standard library that only compute, and gives
back what it was given.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from introspect_export.model import Excerpt, NameUse, Part, PartKind, SourceModule, Span, Symbol
from introspect_export.model.liveset import Defined, Library, LiveSet, Resolution
from introspect_export.reach.names import Names
from introspect_export.reach.purity import computes, effects_of, returns_given
from introspect_export.read.tree import SourceTree

DOCUMENTING = 'IE-DOCUMENTING'
_READS = re.compile(r'__doc__|getdoc')
_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Documenting:
    """A decorator that only writes documentation.

    Attributes:
        span: From its ``@`` to what comes after it.
        symbol: The function.
    """

    span: Span
    symbol: Symbol


class Documenters:
    """Tells which decorators only write documentation.

    Args:
        modules: The read modules.
        names: Resolves names in them.
    """

    def __init__(self, modules: SourceTree, names: Names) -> None:
        self._modules = modules
        self._names = names
        self._known: dict[Symbol, bool] = {}
        self._parts: dict[tuple[str, int], tuple[Documenting, ...]] = {}

    def of(self, module: SourceModule, part: Part) -> tuple[Documenting, ...]:
        """The decorators in a part that only write documentation."""
        if part.key not in self._parts:
            decorated = part.kind in (PartKind.CLASS, PartKind.FUNCTION) and '@' in module.cut(part.statement)
            self._parts[part.key] = tuple(self._in(module, part)) if decorated else ()
        return self._parts[part.key]

    def _in(self, module: SourceModule, part: Part) -> Iterator[Documenting]:
        uses = {use.span.start: use for use in part.uses}
        nodes = (each for each in ast.walk(module.tree.body[part.index]) if isinstance(each, _DECORATED))
        for node in nodes:
            for decorator in node.decorator_list:
                use = uses.get(module.positions.span(_base(decorator)).start)
                resolution = self._names.use(module.name, use) if use is not None else None
                if use is None or resolution is None or not isinstance(resolution.target, Defined):
                    continue
                symbol = resolution.target.symbol
                plain = resolution.consumed == len(use.attributes) and self._given(module, part, decorator)
                if plain and self._documents(symbol, decorator):
                    yield Documenting(_statement(module, node, decorator), symbol)

    def _given(self, module: SourceModule, part: Part, decorator: ast.expr) -> bool:
        """Whether making a decorator's arguments has no effect."""
        if not isinstance(decorator, ast.Call):
            return True
        given = [*decorator.args, *(each.value for each in decorator.keywords)]
        return computes(module, part, given, self._meaning(module))

    def _meaning(self, module: SourceModule) -> Callable[[NameUse], Resolution]:
        return lambda use: self._names.use(module.name, use)

    def _documents(self, symbol: Symbol, decorator: ast.expr) -> bool:
        home = self._modules(symbol.module)
        found = [home.tree.body[each] for each in home.definitions.get(symbol.qualname, ())] if home else []
        if len(found) != 1 or not isinstance(found[0], ast.FunctionDef) or found[0].decorator_list:
            return False
        called = isinstance(decorator, ast.Call)
        if isinstance(decorator, ast.Call) and _is_given_first(decorator, found[0]):
            return False
        if not returns_given(found[0], called, self._function(symbol.module)):
            return False
        if symbol not in self._known:
            self._known[symbol] = self._only_computes(symbol)
        return self._known[symbol]

    def _function(self, module: str) -> Callable[[str], ast.FunctionDef | None]:
        def find(name: str) -> ast.FunctionDef | None:
            home = self._modules(module)
            found = [home.tree.body[each] for each in home.definitions.get(name, ())] if home else []
            return found[0] if len(found) == 1 and isinstance(found[0], ast.FunctionDef) else None

        return find

    def _only_computes(self, symbol: Symbol) -> bool:
        """Whether everything that a function's call leads to has no effect but that on ``__doc__``."""
        pending, seen = [symbol], {symbol}
        while pending:
            one = pending.pop()
            home = self._modules(one.module)
            for index in home.definitions.get(one.qualname, ()) if home is not None else ():
                part = home.parts[index] if home is not None else None
                if home is None or part is None or part.kind not in (PartKind.CLASS, PartKind.FUNCTION):
                    continue
                effects = effects_of(home, part, self._meaning(home))
                if effects is None:
                    return False
                targets = [*effects, *(self._names.imported(each).target for each in part.imports)]
                more = {each.symbol for each in targets if isinstance(each, Defined)} - seen
                seen |= more
                pending += more
        return True


def _is_given_first(call: ast.Call, function: ast.FunctionDef) -> bool:
    """Whether a call gives the parameter that takes what is decorated, where there is such a one."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    names = {each.arg for each in call.keywords}
    return (
        bool(arguments)
        and len(function.args.defaults) == len(arguments)
        and (bool(call.args) or None in names or arguments[0].arg in names)
    )


def _base(node: ast.expr) -> ast.expr:
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _statement(module: SourceModule, node: ast.stmt, decorator: ast.expr) -> Span:
    """A decorator from its ``@`` to the next one, or to what it decorates."""
    decorators = [module.positions.span(each) for each in getattr(node, 'decorator_list', [])]
    own = module.positions.span(decorator)
    later = [each.start for each in decorators if each.start > own.start]
    start = module.text.rindex('@', 0, own.start)
    return Span(start, module.text.rindex('@', 0, min(later)) if later else module.positions.span(node).start)


def reads_documentation(live: LiveSet) -> bool:
    """Whether live text may read a docstring that a decorator left out would have written."""
    documented = {
        Symbol(name, defined)
        for name, spans in live.documenting.items()
        for part in live.modules[name].parts
        if any(part.statement.holds(span) for span in spans)
        for defined in part.defines
    }
    return any(
        _reads(live, module, span, uses, documented)
        for module, span, uses in _texts(live)
        if _READS.search(module.cut(span))
    )


def _reads(live: LiveSet, module: SourceModule, span: Span, uses: Iterable[NameUse], documented: set[Symbol]) -> bool:
    """Whether a piece of text reads documentation of something that is not known to have its own."""
    left = [each for each in live.documenting.get(module.name, ()) if span.holds(each)]
    found = [each.start() + span.start for each in _READS.finditer(module.cut(span))]
    count = sum(not any(each.start <= at < each.end for each in left) for at in found)
    for use in uses:
        resolution = live.resolutions.get((module.name, use.span.start))
        target = resolution.target if resolution is not None else None
        own = isinstance(target, Library) or (isinstance(target, Defined) and target.symbol not in documented)
        count -= own and '__doc__' in use.attributes
    return count > 0


def _texts(live: LiveSet) -> Iterator[tuple[SourceModule, Span, tuple[NameUse, ...]]]:
    for name, indices in live.parts.items():
        for index in indices:
            part = live.modules[name].parts[index]
            yield live.modules[name], part.statement, part.uses
    for flat in live.flat.values():
        for piece in flat.pieces:
            if isinstance(piece, Excerpt):
                yield live.modules[piece.module], piece.span, piece.uses
